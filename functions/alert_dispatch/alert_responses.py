"""The responses of the routes of alerts."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from risksentinel.domain.alert import Alert, AlertStatus, Disposition
from risksentinel.domain.verdict import RiskLevel
from risksentinel.http.response_model import Moment, Rand, ResponseModel, Score
from risksentinel.ports.alerting import DeliveryStatus, KeptDelivery


class AlertResponse(ResponseModel):
    """An alert on a risky payment, and the state of its analysis."""

    id: str
    transaction_id: str
    sender_id: str
    receiver_id: str
    amount_zar: Rand
    score: Score
    severity: RiskLevel
    reasons: list[str] = Field(description="In words, the largest contribution first")
    raised_at: Moment
    status: AlertStatus
    assignee: str | None
    disposition: Disposition | None = Field(description="The finding of the analyst")
    note: str | None
    updated_at: Moment | None
    version: int = Field(description="Number of the alert's version; the ETag", ge=1)


class DeliveryResponse(ResponseModel):
    """The state of the alert's delivery to one endpoint."""

    endpoint: str = Field(description="The endpoint's name, also in logs; the address is secret")
    status: DeliveryStatus = Field(
        description="pending: the delivery is retried; delivered; failed: the endpoint answered "
        "410 Gone, or its address is not allowed, and the delivery is retried only when the alert "
        "is sent again"
    )
    attempts: int = Field(ge=0)
    last_reason: str = Field(description="Why the last attempt failed; else empty")
    updated_at: Moment


class AlertDetailResponse(AlertResponse):
    """An alert with its deliveries."""

    deliveries: list[DeliveryResponse] = Field(description="Empty if no endpoint is set")


class AlertPage(ResponseModel):
    """One page of alerts."""

    items: list[AlertResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


def in_detail(alert: Alert, deliveries: Sequence[KeptDelivery]) -> dict[str, Any]:
    """The members of AlertDetailResponse."""
    listed = [DeliveryResponse.serialize(delivery) for delivery in deliveries]
    return {**AlertResponse.serialize(alert), "deliveries": listed}
