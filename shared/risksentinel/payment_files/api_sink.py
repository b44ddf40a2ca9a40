"""ApiSink: the HTTP API of a running instance, over persistent connections."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Final

import urllib3

from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.payment_files.api_answers import result_of_one, results_of_batch
from risksentinel.payment_files.sinks import Documents, PaymentResult

MAX_BODY_BYTES: Final = 1_000_000  # just below the limit of the API, 1 MiB
PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2)
_PATH: Final = "/api/v1/transactions/"
_SECONDS: Final = 10.0
_RETRYABLE_STATUSES: Final = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
# These answers refuse a whole batch: smaller batches find the payment that caused the refusal.
_SPLIT: Final = frozenset({400, 413, 422})


class ApiSink:
    """Posts payments; a retry is safe, because an id counts once."""

    def __init__(
        self,
        url: str,
        connections: int = 1,
        *,
        learn_only: bool = False,
        api_key: str | None = None,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not _is_address(url):
            raise Misconfigured(f"--url {url}: give a URL like http://127.0.0.1:8080")
        self._url, self._pauses, self._sleep = url.rstrip("/"), pauses, sleep
        self._learn_only = learn_only
        self._headers = {"content-type": "application/json", "accept": "application/json"}
        if api_key:
            self._headers["authorization"] = f"Bearer {api_key}"
        self._pool = urllib3.PoolManager(
            maxsize=connections, block=True, timeout=_SECONDS, retries=False
        )

    def reach(self) -> None:
        """Check that the instance answers. Raises Unavailable."""
        try:
            self._pool.request("GET", f"{self._url}/health/liveness")
        except urllib3.exceptions.HTTPError as why:
            raise Unavailable(f"RiskSentinel at {self._url}", why) from None

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Post the payments; temporary failures are retried five times with growing pauses."""
        encoded = [json.dumps(document).encode() for document in documents]
        return [result for part in _parts(encoded) for result in self._with_retries(part)]

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _with_retries(self, part: Sequence[bytes]) -> list[PaymentResult]:
        results = self._post(part)
        for pause in self._pauses:
            again = [
                index
                for index, result in enumerate(results)
                if result.status in _RETRYABLE_STATUSES
            ]
            if not again:
                break
            self._sleep(pause)
            fresh = self._post([part[index] for index in again])
            for index, result in zip(again, fresh, strict=True):
                results[index] = result
        return results

    def _post(self, part: Sequence[bytes]) -> list[PaymentResult]:
        if len(part) == 1 and not self._learn_only:
            status, body = self._request(_PATH, part[0])
            return [result_of_one(status, body)]
        # An older instance without `learn_only` refuses the batch, so it raises no alert.
        learn = b',"learn_only":true' if self._learn_only else b""
        batch = b'{"transactions":[%s]%s}' % (b",".join(part), learn)
        status, body = self._request(f"{_PATH}batch", batch)
        if status in _SPLIT and len(part) > 1:
            middle = len(part) // 2
            return self._post(part[:middle]) + self._post(part[middle:])
        return results_of_batch(status, body, len(part))

    def _request(self, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            answer = self._pool.request("POST", self._url + path, body=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as why:
            problem = {"detail": f"{self._url} does not answer: {type(why).__name__}"}
            return HTTPStatus.SERVICE_UNAVAILABLE, json.dumps(problem).encode()
        return answer.status, answer.data


def _is_address(url: str) -> bool:
    try:
        parts = urllib3.util.parse_url(url)
    except urllib3.exceptions.HTTPError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.host)


def _parts(encoded: Sequence[bytes]) -> Iterator[list[bytes]]:
    part, size = list[bytes](), 0
    for document in encoded:
        if part and size + len(document) + 1 > MAX_BODY_BYTES:
            yield part
            part, size = [], 0
        part.append(document)
        size += len(document) + 1
    if part:
        yield part
