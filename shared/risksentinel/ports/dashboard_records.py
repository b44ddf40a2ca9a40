"""The figures of all payments together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from risksentinel.domain.verdict import Decision, RiskLevel


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of the last 24 hours by the time of scoring, and the alerts that wait now."""

    transactions: int
    amount_zar: Decimal
    mean_score: Decimal | None
    decisions: Mapping[Decision, int]
    declined_zar: Decimal
    waiting_for_score: int
    alerts_raised: int
    alerts_open: Mapping[RiskLevel, int]  # not resolved, by severity, however old


@dataclass(frozen=True, slots=True)
class TrendHour:
    """One hour of scores; an hour without payments has no mean."""

    hour: datetime
    transactions: int
    mean_score: Decimal | None
    alerts: int


class DashboardRecords(Protocol):
    """The figures of all payments together."""

    def summary(self, now: datetime) -> Summary: ...

    def risk_trend(self, now: datetime) -> list[TrendHour]:
        """The last 24 full or begun hours, oldest first, every hour present."""
