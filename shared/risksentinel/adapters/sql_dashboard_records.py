"""The figures of the last 24 hours, and the risk hour by hour."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Engine, Executable, Row, func, select

from risksentinel.adapters.sql_aggregates import HourOf, TotalOf
from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_tables import alerts, risk_scores, transactions
from risksentinel.adapters.sql_types import EPOCH
from risksentinel.domain.alert import AlertStatus
from risksentinel.domain.transaction import TransactionStatus
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.ports.dashboard_records import Summary, TrendHour

_HOUR: Final = timedelta(hours=1)
_HOURS: Final = 24
_PLACES: Final = Decimal("0.0001")
_NOTHING: Final = Decimal("0.00")
_scored = risk_scores.c
_BY_DECISION: Final = select(
    _scored.decision,
    func.count().label("payments"),
    TotalOf(_scored.amount_zar).label("amount_zar"),
    TotalOf(_scored.score).label("score"),
).group_by(_scored.decision)
_SCORES_BY_HOUR: Final = select(
    HourOf(_scored.scored_at).label("hour"),
    func.count().label("payments"),
    TotalOf(_scored.score).label("score"),
).group_by(HourOf(_scored.scored_at))
_ALERTS_BY_HOUR: Final = select(
    HourOf(alerts.c.raised_at).label("hour"), func.count().label("alerts")
).group_by(HourOf(alerts.c.raised_at))
_WAITING: Final = select(func.count()).where(
    transactions.c.status == TransactionStatus.RECEIVED.value
)
_RAISED: Final = select(func.count(alerts.c.id))
_UNRESOLVED: Final = (
    select(alerts.c.severity, func.count().label("alerts"))
    .where(alerts.c.status != AlertStatus.RESOLVED.value)
    .group_by(alerts.c.severity)
)


@dataclass(frozen=True, slots=True)
class SqlDashboardRecords:
    """Meets `ports.DashboardRecords` on SQLite and PostgreSQL; reads indexes, not payments."""

    engine: Engine

    def summary(self, now: datetime) -> Summary:
        """The figures of the last 24 hours by the time of scoring, and the alerts that wait now."""
        since = now - _HOURS * _HOUR
        with reading(self.engine) as connection:
            scored = connection.execute(_BY_DECISION.where(_scored.scored_at > since)).all()
            return _summary_of(
                {Decision(row.decision): row for row in scored},
                waiting=connection.execute(_WAITING).scalar_one(),
                raised=connection.execute(_RAISED.where(alerts.c.raised_at > since)).scalar_one(),
                unresolved={row.severity: row.alerts for row in connection.execute(_UNRESOLVED)},
            )

    def risk_trend(self, now: datetime) -> list[TrendHour]:
        """The last 24 full or begun hours, oldest first, every hour present."""
        last = (now - EPOCH) // _HOUR
        hours = range(last - _HOURS + 1, last + 1)
        since = EPOCH + hours[0] * _HOUR
        with reading(self.engine) as connection:
            scores = _by_hour(connection, _SCORES_BY_HOUR.where(_scored.scored_at >= since))
            raised = _by_hour(connection, _ALERTS_BY_HOUR.where(alerts.c.raised_at >= since))
        return [_trend_hour(hour, scores.get(hour), raised.get(hour)) for hour in hours]


def _summary_of(
    scored: Mapping[Decision, Row[Any]], *, waiting: int, raised: int, unresolved: Mapping[str, int]
) -> Summary:
    payments = sum(row.payments for row in scored.values())
    declined = scored.get(Decision.DECLINE)
    return Summary(
        transactions=payments,
        amount_zar=sum((row.amount_zar for row in scored.values()), _NOTHING),
        mean_score=_mean(sum((row.score for row in scored.values()), Decimal(0)), payments),
        decisions={each: scored[each].payments if each in scored else 0 for each in Decision},
        declined_zar=declined.amount_zar if declined is not None else _NOTHING,
        waiting_for_score=waiting,
        alerts_raised=raised,
        alerts_open={level: unresolved.get(level.value, 0) for level in RiskLevel},
    )


def _by_hour(connection: Connection, query: Executable) -> dict[int, Row[Any]]:
    return {row.hour: row for row in connection.execute(query)}


def _trend_hour(hour: int, scores: Row[Any] | None, raised: Row[Any] | None) -> TrendHour:
    return TrendHour(
        hour=EPOCH + hour * _HOUR,
        transactions=scores.payments if scores is not None else 0,
        mean_score=_mean(scores.score, scores.payments) if scores is not None else None,
        alerts=raised.alerts if raised is not None else 0,
    )


def _mean(total: Decimal, payments: int) -> Decimal | None:
    return (total / payments).quantize(_PLACES) if payments else None
