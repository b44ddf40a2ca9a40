"""SqlDashboardRecords: the summary and the hourly risk trend, read from the hourly figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

from sqlalchemy import Engine, Row, Select, func, literal_column, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.hourly_figures import ALERT, CENTS, hour_of
from risksentinel.adapters.sql.tables import alerts, hourly_figures, transactions
from risksentinel.adapters.sql.tables.payments import NOT_APPROVED
from risksentinel.adapters.sql.types import EPOCH
from risksentinel.domain.alert import AlertStatus
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.ports.dashboard_records import Summary, TrendHour

_HOUR: Final = timedelta(hours=1)
_HOURS: Final = 24  # of a day
_PLACES: Final = Decimal("0.0001")
_NOTHING: Final = Decimal("0.00")
_figures = hourly_figures.c
_SUMS: Final = (
    func.sum(_figures.counted).label("counted"),
    func.sum(_figures.cents_upper).label("cents_upper"),
    func.sum(_figures.cents_lower).label("cents_lower"),
    func.sum(_figures.score_total).label("score_total"),
)
_BY_FIGURE: Final[Select[Any]] = select(_figures.figure, *_SUMS).group_by(_figures.figure)
# One group for each hour: for one of each hour and figure, PostgreSQL sorts all rows on the disk.
_BY_HOUR: Final[Select[Any]] = select(
    _figures.hour,
    func.sum(_figures.counted).label("counted"),
    func.sum(_figures.counted).filter(_figures.figure == ALERT).label("alerts"),
    func.sum(_figures.score_total).label("score_total"),
).group_by(_figures.hour)
# In the text, not as a parameter, are the conditions of the indexes: they contain few rows.
_WAITING: Final = select(func.count()).where(
    transactions.c.status == TransactionStatus.RECEIVED.value, NOT_APPROVED
)
_UNRESOLVED: Final = (
    select(alerts.c.severity, func.count().label("alerts"))
    .where(alerts.c.status != literal_column(f"'{AlertStatus.RESOLVED}'"))
    .group_by(alerts.c.severity)
)


@dataclass(frozen=True, slots=True)
class _Sums:
    """The sums of one figure: a count, an amount in rand, and the total of the scores."""

    counted: int = 0
    amount_zar: Decimal = _NOTHING
    score: Decimal = Decimal(0)

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """The sums of a row of _SUMS."""
        cents = int(row.cents_upper) * CENTS + int(row.cents_lower)
        score = Decimal(int(row.score_total)).scaleb(-4)
        return cls(int(row.counted), Decimal(cents).scaleb(-2), score)


@dataclass(frozen=True, slots=True)
class SqlDashboardRecords:
    """Meets `ports.DashboardRecords` on SQLite and PostgreSQL; reads a few rows for each hour."""

    engine: Engine

    def summary(self, now: datetime, days: int = 1) -> Summary:
        """The sums of the hours of `risk_trend`, and the alerts that are not resolved now."""
        hours = _hours(now, days)
        query = _BY_FIGURE.where(_figures.hour.between(hours[0], hours[-1]))
        with reading(self.engine) as connection:
            return _summary_of(
                _start(hours[0]),
                {row.figure: _Sums.of(row) for row in connection.execute(query)},
                waiting=connection.execute(_WAITING).scalar_one(),
                unresolved={row.severity: row.alerts for row in connection.execute(_UNRESOLVED)},
            )

    def risk_trend(self, now: datetime, days: int = 1) -> list[TrendHour]:
        """The last 24 x `days` hours, the current one included, oldest first, none left out."""
        hours = _hours(now, days)
        query = _BY_HOUR.where(_figures.hour.between(hours[0], hours[-1]))
        with reading(self.engine) as connection:
            found = {row.hour: _trend_hour(row) for row in connection.execute(query)}
        return [found.get(hour) or TrendHour(_start(hour), 0, None, 0) for hour in hours]


def _hours(now: datetime, days: int) -> range:
    last = hour_of(now)
    return range(last - _HOURS * days + 1, last + 1)


def _start(hour: int) -> datetime:
    return EPOCH + hour * _HOUR


def _summary_of(
    since: datetime, found: Mapping[str, _Sums], *, waiting: int, unresolved: Mapping[str, int]
) -> Summary:
    payments, mean = _payments(found)
    decided = {each: found.get(each.value, _Sums()) for each in Decision}
    return Summary(
        since=since,
        transactions=payments,
        amount_zar=sum((each.amount_zar for each in decided.values()), _NOTHING),
        mean_score=mean,
        decisions={each: sums.counted for each, sums in decided.items()},
        declined_zar=decided[Decision.DECLINE].amount_zar,
        waiting_for_score=waiting,
        alerts_raised=found.get(ALERT, _Sums()).counted,
        alerts_open={level: unresolved.get(level.value, 0) for level in RiskLevel},
    )


def _trend_hour(row: Row[Any]) -> TrendHour:
    alerts_raised = int(row.alerts or 0)
    payments = int(row.counted) - alerts_raised
    score = _mean(Decimal(int(row.score_total)).scaleb(-4), payments)
    return TrendHour(_start(row.hour), payments, score, alerts_raised)


def _payments(found: Mapping[str, _Sums]) -> tuple[int, Decimal | None]:
    """The number of payments in the figures, and their mean score."""
    decided = [sums for figure, sums in found.items() if figure != ALERT]
    payments = sum(sums.counted for sums in decided)
    return payments, _mean(sum((sums.score for sums in decided), Decimal(0)), payments)


def _mean(total: Decimal, payments: int) -> Decimal | None:
    return (total / payments).quantize(_PLACES) if payments else None
