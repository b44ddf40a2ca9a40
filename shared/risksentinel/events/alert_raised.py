"""alert.raised.v1: a risky payment that people must hear of."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import IDENTIFIER, IDENTIFIER_IN_WORDS
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Malformed, Violation
from risksentinel.events.event import Event
from risksentinel.text import rfc3339

TOPIC: Final = "alerts.raised"
TYPE: Final = "za.risksentinel.alert.raised.v1"
SCHEMA: Final = "urn:risksentinel:schema:alert.raised:1"
_IDENTIFIER: Final = re.compile(IDENTIFIER)


def encode(alert: Alert, *, event_id: str, source: str, traceparent: str | None = None) -> Event:
    """The announcement of the alert as it was raised."""
    return Event(
        topic=TOPIC,
        id=event_id,
        type=TYPE,
        source=source,
        subject=alert.transaction_id,
        key=alert.sender_id,
        time=alert.raised_at,
        data=stated(alert),
        dataschema=SCHEMA,
        traceparent=traceparent,
    )


def stated(alert: Alert) -> dict[str, Any]:
    """The alert as plain JSON. Account ids are in it for those who must act, never for logs."""
    return {
        "alert_id": alert.id,
        "transaction_id": alert.transaction_id,
        "sender_id": alert.sender_id,
        "receiver_id": alert.receiver_id,
        "amount_zar": str(Money(alert.amount_zar)),
        "score": float(alert.score),
        "severity": alert.severity.value,
        "reasons": list(alert.reasons),
        "raised_at": rfc3339.to_text(alert.raised_at),
        "status": alert.status.value,
    }


def decode(data: Mapping[str, Any], event_type: str = TYPE) -> Alert:
    """Read the alert back; fields that are not known are ignored.

    Raises:
        Malformed: the type or its version is another one, or every fault with its path.
    """
    if event_type != TYPE:
        raise Malformed([Violation("type", f"must be {TYPE}")])
    fields: dict[str, Any] = {}
    violations: list[Violation] = []
    for name, read in _FIELDS.items():
        if name not in data:
            violations.append(Violation(name, "is required"))
            continue
        try:
            fields[name] = read(data[name])
        except Malformed as malformed:
            violations += [
                Violation(f"{name}{violation.path}", violation.message)
                for violation in malformed.violations
            ]
    if violations:
        raise Malformed(violations)
    return Alert(id=fields.pop("alert_id"), **fields)


def _identifier(value: object) -> str:
    if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
        return value
    raise Malformed(f"must be {IDENTIFIER_IN_WORDS}")


def _amount(value: object) -> Decimal:
    if isinstance(value, str):
        return Money.parse(value).amount
    raise Malformed("must be text of digits with at most two decimals, like 75000.00")


def _score(value: object) -> Decimal:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        score = Decimal(str(value))
        if score.is_finite() and 0 <= score <= 1:
            return score
    raise Malformed("must be a number between 0 and 1")


def _severity(value: object) -> RiskLevel:
    for level in RiskLevel:
        if value == level:
            return level
    raise Malformed(f"must be one of {', '.join(RiskLevel)}")


def _status(value: object) -> AlertStatus:
    for status in AlertStatus:
        if value == status:
            return status
    raise Malformed(f"must be one of {', '.join(AlertStatus)}")


def _reasons(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Malformed("must be a list")
    wrong = [index for index, reason in enumerate(value) if not isinstance(reason, str)]
    if wrong:
        raise Malformed([Violation(f"[{index}]", "must be text") for index in wrong])
    return tuple(value)


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        return rfc3339.parse(value)
    raise Malformed("must be text, like 2026-05-01T08:30:00Z")


_FIELDS: Final[Mapping[str, Callable[[object], object]]] = MappingProxyType(
    {
        "alert_id": _identifier,
        "transaction_id": _identifier,
        "sender_id": _identifier,
        "receiver_id": _identifier,
        "amount_zar": _amount,
        "score": _score,
        "severity": _severity,
        "reasons": _reasons,
        "raised_at": _moment,
        "status": _status,
    }
)
