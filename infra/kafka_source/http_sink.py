"""Posts events to a function over persistent connections."""

import json
from binascii import b2a_base64
from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from urllib.parse import quote

import urllib3

from infra.kafka_source.credentials import SourceCredentials
from infra.kafka_source.incoming import Incoming
from infra.kafka_source.sink_responses import (
    DeliveryResult,
    SinkResponse,
    batch_responses,
    sink_response,
)
from risksentinel.cloudevents.binding import BATCH
from risksentinel.errors import Misconfigured

LARGEST_BATCH: Final = 900_000  # bytes; a function accepts 1 MiB
_as_json: Final = json.JSONEncoder(separators=(",", ":")).encode
_CONNECTIONS: Final = 256  # at most; each partition uses one
_HEADER_SAFE: Final = "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"  # all visible ASCII but " and %


class EventSink(Protocol):
    """The receiver of events."""

    def one(self, event: Incoming) -> SinkResponse:
        """Deliver one event."""

    def batch(self, events: Sequence[Incoming]) -> list[SinkResponse] | SinkResponse:
        """Deliver several events; return a response for each, or one for the whole batch."""


class HttpEventSink:
    """An `EventSink` over HTTP; thread-safe."""

    def __init__(
        self, address: str, timeout: float, credentials: SourceCredentials | None = None
    ) -> None:
        self._path = _path(address)
        self._credentials = credentials or SourceCredentials()
        self._pool = urllib3.connection_from_url(
            address, maxsize=_CONNECTIONS, timeout=timeout, retries=False
        )

    def one(self, event: Incoming) -> SinkResponse:
        """Deliver one event in binary mode."""
        found = self._post(binary(event), event.value or b"")
        return found if isinstance(found, SinkResponse) else sink_response(*found)

    def batch(self, events: Sequence[Incoming]) -> list[SinkResponse] | SinkResponse:
        """Deliver several events in batch mode."""
        body = b"[" + b",".join(map(structured, events)) + b"]"
        found = self._post({"Content-Type": BATCH}, body)
        return found if isinstance(found, SinkResponse) else batch_responses(events, *found)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _post(
        self, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes] | SinkResponse:
        try:
            response = self._pool.urlopen(
                "POST",
                self._path,
                body=body,
                headers={**headers, **self._credentials.headers},
                redirect=False,
                retries=False,
            )
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            return SinkResponse(DeliveryResult.UNAVAILABLE)
        except (
            urllib3.exceptions.HTTPError
        ):  # a timeout, or the connection broke during the request
            return SinkResponse(DeliveryResult.FAILED)
        return response.status, response.headers, response.data


def _path(address: str) -> str:
    try:
        parts = urllib3.util.parse_url(address)
    except urllib3.exceptions.HTTPError:
        parts = urllib3.util.parse_url("")
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise Misconfigured(f"--sink {address}: write one like http://127.0.0.1:8080/")
    return parts.request_uri


def binary(event: Incoming) -> dict[str, str]:
    """Return the event's headers in binary mode; its data is the body."""
    headers = {
        f"ce-{name}": quote(value, safe=_HEADER_SAFE) for name, value in event.attributes.items()
    }
    if event.content_type is not None:
        headers["Content-Type"] = quote(event.content_type, safe=_HEADER_SAFE + " ")
    return headers


def structured(event: Incoming) -> bytes:
    """Return the event as a member of a batch; its data is base64, because it may not be JSON."""
    envelope = dict(event.attributes)
    if event.content_type is not None:
        envelope["datacontenttype"] = event.content_type
    if event.value is not None:
        envelope["data_base64"] = b2a_base64(event.value, newline=False).decode()
    return _as_json(envelope).encode()
