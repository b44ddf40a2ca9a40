"""Client: sends payments to one engine over one persistent connection."""

import re
from http import HTTPStatus
from time import monotonic, sleep
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import urllib3

from infra.scenarios.judge import EngineResponse
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Misconfigured, Rejected, Unavailable
from risksentinel.text import strict_json

_PATH: Final = "/api/v1/transactions/"
_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.02
_DEPTH: Final = re.compile(r"^risksentinel_outbox_depth\{[^}]*\} (\S+)$", re.MULTILINE)


class Client:
    """Posts payments one by one, in the order of the scenario."""

    def __init__(self, url: str, api_key: str | None = None) -> None:
        if not url.startswith(("http://", "https://")):
            raise Misconfigured(f"--url {url}: write one like http://127.0.0.1:8080")
        self._url = url.rstrip("/")
        bearer = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._headers = {"Content-Type": "application/json", **bearer}
        retries = urllib3.Retry(2, allowed_methods=None, status=0)  # a repeated id is scored once
        self._pool = urllib3.PoolManager(maxsize=1, block=True, timeout=_SECONDS, retries=retries)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _: TracebackType | None,
    ) -> None:
        self._pool.clear()

    def pay(self, payment: dict[str, Any]) -> EngineResponse:
        """Send one payment.

        Raises:
            Rejected: the engine rejects the payment.
            Unavailable: the engine does not answer.
        """
        response = self._post(_PATH, payment)
        return EngineResponse(
            decision=Decision(response["decision"]),
            alert_id=response["alert_id"],
            score=str(response["score"]),
            reasons=tuple(response["reasons"]),
        )

    def reports(self, payment_id: str) -> frozenset[str]:
        """Return the kinds of report that the receipt of a payment names. Raises as `pay` does."""
        receipt = self._receipt(payment_id)
        return frozenset(each["kind"] for each in receipt["reports"])

    def report_fraud(self, payment_id: str, at: str) -> None:
        """Label the payment as fraud, as its customer at that time. Raises as `pay` does."""
        label = {"label": "fraud", "source": "customer_report", "reported_at": at}
        self._post(f"{_PATH}{payment_id}/label", label)

    def clear(self, payment_id: str, at: str) -> None:
        """Label the payment as genuine, as an analyst at that time. Raises as `pay` does.

        The history applies the label with an outbox event. In a scenario the next payment follows
        days later, so the method returns when the engine's outbox is empty.
        """
        label = {"label": "genuine", "source": "analyst", "reported_at": at}
        self._post(f"{_PATH}{payment_id}/label", label)
        deadline = monotonic() + _SECONDS
        while self._waiting_events():
            if monotonic() > deadline:
                raise Unavailable("outbox", TimeoutError("its events are not processed"))
            sleep(_POLL_SECONDS)

    def model_of(self, payment: dict[str, Any]) -> str | None:
        """Send a payment; return the model version of its receipt or None. Raises as `pay` does."""
        self._post(_PATH, payment)
        model = self._receipt(payment["id"])["model"]
        return None if model is None else str(model["version"])

    def is_ready(self) -> bool:
        """Return whether the engine answers and is ready for payments."""
        try:
            status, _ = self._request("GET", "/health/readiness", None)
        except Unavailable:
            return False
        return status == HTTPStatus.OK

    def _waiting_events(self) -> bool:
        """Return whether the engine reports unpublished outbox events.

        Only an engine in one process does: its gateway has the metrics of every function.
        """
        metrics = self._response("GET", "/metrics", None).data.decode()
        return any(float(depth) for depth in _DEPTH.findall(metrics))

    def _receipt(self, payment_id: str) -> dict[str, Any]:
        status, receipt = self._request("GET", f"{_PATH}{quote(payment_id)}/score", None)
        if status != HTTPStatus.OK:
            raise Rejected(f"{status} {_why(receipt)}")
        return receipt

    def _post(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        status, body = self._request("POST", path, strict_json.encode(document))
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise Rejected(f"{status} {_why(body)}")
        return body

    def _request(self, method: str, path: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
        answer = self._response(method, path, body)
        return answer.status, strict_json.decode(answer.data)

    def _response(self, method: str, path: str, body: bytes | None) -> urllib3.BaseHTTPResponse:
        try:
            return self._pool.request(method, self._url + path, body=body, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"RiskSentinel at {self._url}", error) from None


def _why(problem: dict[str, Any]) -> str:
    errors = problem.get("errors") or [{"path": "", "message": problem.get("detail", "")}]
    return "; ".join(f"{each.get('path', '')} {each.get('message', '')}".strip() for each in errors)
