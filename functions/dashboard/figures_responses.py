"""The responses of the routes of figures."""

from pydantic import Field

from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.http.response_model import Moment, Rand, ResponseModel, Score


class SummaryResponse(ResponseModel):
    """The figures since `since`, and the alerts that are open now."""

    since: Moment = Field(description="The start of the first hour that is counted")
    transactions: int = Field(ge=0)
    amount_zar: Rand
    mean_score: Score | None = Field(description="Null without payments")
    decisions: dict[Decision, int] = Field(description="Payments by decision")
    declined_zar: Rand
    waiting_for_score: int = Field(ge=0, description="Payments that were accepted and not scored")
    alerts_raised: int = Field(ge=0)
    alerts_open: dict[RiskLevel, int] = Field(
        description="Alerts that are not resolved, by severity, whatever their age"
    )


class HourResponse(ResponseModel):
    """The figures of the payments that occurred in one hour."""

    hour: Moment = Field(description="The start of the hour")
    transactions: int = Field(ge=0)
    mean_score: Score | None = Field(description="Null for an hour without payments")
    alerts: int = Field(ge=0, description="Alerts that were raised in this hour")


class TrendResponse(ResponseModel):
    """The last hours, oldest first, including the current one; no hour is left out."""

    hours: list[HourResponse]
