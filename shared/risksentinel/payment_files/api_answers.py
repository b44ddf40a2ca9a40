"""Answer of the HTTP API -> results, for one payment or a batch."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from risksentinel.errors import Violation
from risksentinel.payment_files.sinks import PaymentResult

_INDEX: Final = re.compile(r"^(transactions)?(\[\d+\]|\.\d+)\.?")
_FOREIGN_ANSWER: Final = PaymentResult(
    HTTPStatus.MISDIRECTED_REQUEST,
    None,
    (Violation("", "the answer does not come from RiskSentinel"),),
)


def result_of_one(status: int, body: bytes) -> PaymentResult:
    """The result in the answer to one payment."""
    answer = _object(body)
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _taken(status, answer) if "id" in answer or "status" in answer else _FOREIGN_ANSWER
    return _not_taken(status, answer)


def results_of_batch(status: int, body: bytes, count: int) -> list[PaymentResult]:
    """The results in the answer to a batch, one per payment, in the order of the batch."""
    answer = _object(body)
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return [_not_taken(status, answer)] * count
    results = [_FOREIGN_ANSWER] * count
    listed = answer.get("results")
    for item in listed if isinstance(listed, list) else ():
        index = item.get("index") if isinstance(item, dict) else None
        if isinstance(index, int) and 0 <= index < count:
            results[index] = _of_item(item)
    return results


def _of_item(item: Mapping[str, Any]) -> PaymentResult:
    status, taken, problem = (item.get(name) for name in ("status", "transaction", "problem"))
    if not isinstance(status, int):
        return _FOREIGN_ANSWER
    if isinstance(taken, dict):
        return _taken(status, taken)
    return _not_taken(status, problem if isinstance(problem, dict) else {})


def _taken(status: int, payment: Mapping[str, Any]) -> PaymentResult:
    level, decision = (_text(payment.get(name)) for name in ("risk_level", "decision"))
    alerted = payment["alert_id"] is not None if "alert_id" in payment else None
    return PaymentResult(status, level, (), alerted, decision)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _not_taken(status: int, problem: Mapping[str, Any]) -> PaymentResult:
    # This conflict is temporary: another request is processing the same payment.
    if status == HTTPStatus.CONFLICT and str(problem.get("type", "")).endswith(":in-progress"):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    return PaymentResult(status, None, _violations(status, problem))


def _violations(status: int, problem: Mapping[str, Any]) -> tuple[Violation, ...]:
    errors = problem.get("errors")
    violations = tuple(
        Violation(_INDEX.sub("", str(error.get("path", ""))), str(error.get("message", "")))
        for error in (errors if isinstance(errors, list) else ())
        if isinstance(error, dict)
    )
    return violations or (
        Violation("", str(problem.get("detail") or problem.get("title") or f"HTTP {status}")),
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
