"""Sends requests to the functions through Knative's ingress, with each function's host name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any, Final

import urllib3

from risksentinel.adapters.system_clock import now

NO_ANSWER: Final = 0
_CONNECTIONS: Final = 400
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=60)


@dataclass(frozen=True, slots=True)
class IngressResponse:
    """A response, or status 0 with the error; sent at `asked`, received `seconds` later."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: datetime
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP status classes

    @property
    def answered(self) -> datetime:
        """When the response was received."""
        return self.asked + timedelta(seconds=self.seconds)

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """The body as JSON."""
        return json.loads(self.body)


class Ingress:
    """A thread-safe client of the ingress, without retries."""

    def __init__(self, address: str, hosts: Mapping[str, str]) -> None:
        self._address, self._hosts = address, hosts
        self._pool = urllib3.PoolManager(maxsize=_CONNECTIONS, timeout=_TIMEOUT, retries=False)

    def call(
        self,
        function: str,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> IngressResponse:
        """Send a request to a function; a body that is not bytes is sent as JSON."""
        sent = {"Host": self._hosts[function]}
        if body is not None and not isinstance(body, bytes):
            sent["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        asked, began = now(), perf_counter()
        try:
            response = self._pool.request(
                method,
                self._address + path,
                body=body,
                headers={**sent, **(headers or {})},
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            why = type(error).__name__.encode()
            return IngressResponse(NO_ANSWER, {}, why, asked, perf_counter() - began)
        return IngressResponse(
            response.status, response.headers, response.data, asked, perf_counter() - began
        )

    def pay(self, payment: Mapping[str, object], **headers: str) -> IngressResponse:
        """Send a payment."""
        return self.call("ingest", "POST", "/api/v1/transactions/", payment, headers)
