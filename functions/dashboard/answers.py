"""What the figures' routes answer."""

from typing import Any

from pydantic import BaseModel, Field

from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.answer_types import Moment, Rand, Score
from risksentinel.ports.dashboard_records import Summary, TrendHour


class SummaryAnswer(BaseModel):
    """The figures since `since`, and the alerts that wait now."""

    since: Moment = Field(description="The beginning of the first hour that is counted")
    transactions: int = Field(ge=0)
    amount_zar: Rand
    mean_score: Score | None = Field(description="Null without payments")
    decisions: dict[Decision, int] = Field(description="Payments by decision")
    declined_zar: Rand
    waiting_for_score: int = Field(ge=0, description="Payments that were taken in and not scored")
    alerts_raised: int = Field(ge=0)
    alerts_open: dict[RiskLevel, int] = Field(
        description="Alerts that are not resolved, by severity, however old"
    )


class Hour(BaseModel):
    """One hour of payments, by when they occurred."""

    hour: Moment = Field(description="When it began")
    transactions: int = Field(ge=0)
    mean_score: Score | None = Field(description="Null for an hour without payments")
    alerts: int = Field(ge=0, description="Alerts that were raised in this hour")


class TrendAnswer(BaseModel):
    """The last full or begun hours, oldest first, every hour present."""

    hours: list[Hour]


def summed_up(summary: Summary) -> dict[str, Any]:
    """The figures, and since when they count."""
    return {
        "since": summary.since,
        "transactions": summary.transactions,
        "amount_zar": f"{summary.amount_zar:.2f}",
        "mean_score": summary.mean_score,
        "decisions": dict(summary.decisions),
        "declined_zar": f"{summary.declined_zar:.2f}",
        "waiting_for_score": summary.waiting_for_score,
        "alerts_raised": summary.alerts_raised,
        "alerts_open": dict(summary.alerts_open),
    }


def hour(of: TrendHour) -> dict[str, Any]:
    """One hour of scores."""
    return {
        "hour": of.hour,
        "transactions": of.transactions,
        "mean_score": of.mean_score,
        "alerts": of.alerts,
    }
