"""What the alert routes answer."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, Field

from risksentinel.domain.alert import Alert, AlertStatus, Disposition
from risksentinel.domain.money import Money
from risksentinel.domain.verdict import RiskLevel
from risksentinel.http.answer_types import Moment, Rand, Score
from risksentinel.ports.alerting import DeliveryStatus, KeptDelivery


class AlertAnswer(BaseModel):
    """A risky payment that an analyst must look at, and how far the look has come."""

    id: str
    transaction_id: str
    sender_id: str
    receiver_id: str
    amount_zar: Rand
    score: Score
    severity: RiskLevel
    reasons: list[str] = Field(description="In words, the weightiest first")
    raised_at: Moment
    status: AlertStatus
    assignee: str | None
    disposition: Disposition | None = Field(description="What the analyst found")
    note: str | None
    updated_at: Moment | None
    version: int = Field(description="Counts its changes; the ETag", ge=1)


class DeliveryAnswer(BaseModel):
    """How far the alert has come to one endpoint."""

    endpoint: str = Field(description="Its name in logs and here; its address is nobody's")
    status: DeliveryStatus = Field(
        description="pending: it is tried again; delivered; failed: the endpoint answered 410 "
        "Gone, or may not be called, and is tried again only when the alert is sent again"
    )
    attempts: int = Field(ge=0)
    last_reason: str = Field(description="Why the last attempt failed; else empty")
    updated_at: Moment


class AlertDetailAnswer(AlertAnswer):
    """An alert, and who has heard of it."""

    deliveries: list[DeliveryAnswer] = Field(description="Empty where no endpoint is set")


class AlertPage(BaseModel):
    """One page of alerts."""

    items: list[AlertAnswer]
    next_cursor: str | None = Field(description="The next page's name; null on the last")


def shown(alert: Alert) -> dict[str, Any]:
    """The alert as it stands."""
    return {
        "id": alert.id,
        "transaction_id": alert.transaction_id,
        "sender_id": alert.sender_id,
        "receiver_id": alert.receiver_id,
        "amount_zar": str(Money(alert.amount_zar)),
        "score": alert.score,
        "severity": alert.severity,
        "reasons": alert.reasons,
        "raised_at": alert.raised_at,
        "status": alert.status,
        "assignee": alert.assignee,
        "disposition": alert.disposition,
        "note": alert.note,
        "updated_at": alert.updated_at,
        "version": alert.version,
    }


def in_detail(alert: Alert, deliveries: Sequence[KeptDelivery]) -> dict[str, Any]:
    """The alert as it stands, and who has heard of it."""
    return {**shown(alert), "deliveries": [asdict(delivery) for delivery in deliveries]}
