"""DashboardRecords: the totals of all payments and alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from risksentinel.domain.verdict import Decision, RiskLevel


@dataclass(frozen=True, slots=True)
class Summary:
    """The totals since `since`, and the alerts that are not resolved now.

    Payments count in the hour in which they occurred, alerts in the hour in which they were raised.
    """

    since: datetime
    transactions: int
    amount_zar: Decimal
    mean_score: Decimal | None
    decisions: Mapping[Decision, int]
    declined_zar: Decimal
    waiting_for_score: int
    alerts_raised: int
    alerts_open: Mapping[RiskLevel, int]  # not resolved, by severity, of any age


@dataclass(frozen=True, slots=True)
class TrendHour:
    """One hour: its payments and raised alerts; the mean is None without payments."""

    hour: datetime
    transactions: int
    mean_score: Decimal | None
    alerts: int


class DashboardRecords(Protocol):
    """The totals of all payments and alerts."""

    def summary(self, now: datetime, days: int = 1) -> Summary:
        """The sums of the hours of `risk_trend`."""

    def risk_trend(self, now: datetime, days: int = 1) -> list[TrendHour]:
        """The last 24 x `days` hours, the current one included, oldest first, none left out."""
