"""alert.raised.v1: a payment reached the alert threshold."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from risksentinel.domain.alert import Alert, AlertStatus
from risksentinel.domain.money import Money
from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Malformed, Violation
from risksentinel.events.event import Event
from risksentinel.payment_formats.payment_document import AmountZar, Identifier, Moment
from risksentinel.text import rfc3339
from risksentinel.text.validation import violations_of

TOPIC: Final = "alerts.raised"
TYPE: Final = "za.risksentinel.alert.raised.v1"
SCHEMA: Final = "urn:risksentinel:schema:alert.raised:1"


def _score(value: object) -> Decimal:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        score = Decimal(str(value))
        if score.is_finite() and 0 <= score <= 1:
            return score
    raise PydanticCustomError("score", "must be a number between 0 and 1")


class _AlertData(BaseModel):
    # A later version of the event may have more fields; they are ignored.
    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)

    alert_id: Identifier
    transaction_id: Identifier
    sender_id: Identifier
    receiver_id: Identifier
    amount_zar: AmountZar
    score: Annotated[Decimal, BeforeValidator(_score)]
    severity: RiskLevel
    reasons: list[Annotated[str, Field(strict=True)]]
    raised_at: Moment
    status: AlertStatus


def encode(alert: Alert, *, event_id: str, source: str, traceparent: str | None = None) -> Event:
    """The event of the alert as it was raised."""
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
    """The alert as plain JSON, without reasons that name reports: receivers may show it to payers.

    It contains account ids, so it must not be logged.
    """
    return {
        "alert_id": alert.id,
        "transaction_id": alert.transaction_id,
        "sender_id": alert.sender_id,
        "receiver_id": alert.receiver_id,
        "amount_zar": str(Money(alert.amount_zar)),
        "score": float(alert.score),
        "severity": alert.severity.value,
        "reasons": payer_reasons(alert.reasons),
        "raised_at": rfc3339.to_text(alert.raised_at),
        "status": alert.status.value,
    }


def decode(data: Mapping[str, Any], event_type: str = TYPE) -> Alert:
    """Read the alert; unknown fields are ignored.

    Raises:
        Malformed: the type or its version is another one, or the data have violations; each has
            its path.
    """
    if event_type != TYPE:
        raise Malformed([Violation("type", f"must be {TYPE}")])
    try:
        read = _AlertData.model_validate(data)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None
    return Alert(
        id=read.alert_id,
        transaction_id=read.transaction_id,
        sender_id=read.sender_id,
        receiver_id=read.receiver_id,
        amount_zar=read.amount_zar.amount,
        score=read.score,
        severity=read.severity,
        reasons=tuple(read.reasons),
        raised_at=read.raised_at,
        status=read.status,
    )
