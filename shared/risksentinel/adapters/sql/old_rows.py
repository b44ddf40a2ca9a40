"""Old months on SQLite, which has no partitions: their rows are deleted in chunks.

The same rows go as with a partition on PostgreSQL: the payments of a month with their scores, ids,
alerts, alert deliveries, labels, decisions in shadow, revisions and statutory reports; or a month
of the audit log. Each chunk is one transaction: an interrupted run leaves no part of a payment.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Row,
    delete,
    func,
    inspect,
    literal_column,
    select,
    true,
)

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.month import Month, Span
from risksentinel.adapters.sql.tables import (
    alert_deliveries,
    alerts,
    audit_log,
    labels,
    revisions,
    risk_scores,
    shadow_decisions,
    statutory_reports,
    transaction_claims,
    transactions,
)

AT_ONCE: Final = 500  # payments or audit entries in one transaction of about 20 ms
_MIN_PAUSE: Final = 0.005  # seconds
# The tables whose months are deleted, and where the times of their rows are. Scores go with their
# payments. The claims are the narrowest table with every payment, and are scanned completely.
_TIMES: Final = {
    "transactions": (transaction_claims, transaction_claims.c.received_at),
    "audit_log": (audit_log, audit_log.c.at),
}
_ROWID: Final = literal_column("rowid", Integer)  # SQLite's own key, in the order of insertion
_OF_A_PAYMENT: Final = (
    (labels, labels.c.transaction_id),
    (shadow_decisions, shadow_decisions.c.transaction_id),
    (revisions, revisions.c.transaction_id),
    (statutory_reports, statutory_reports.c.transaction_id),
    (risk_scores, risk_scores.c.transaction_id),
    (transactions, transactions.c.id),
)


def old_rows(engine: Engine, name: str, end: datetime) -> list[Span]:
    """The months before `end` with rows in this table, oldest first."""
    if name not in _TIMES:
        return []
    table, at = _TIMES[name]
    spans: list[Span] = []
    with looking(engine) as connection:
        if not inspect(connection).has_table(table.name):
            return []
        while True:
            rest = at >= spans[-1].until if spans else true()
            oldest = connection.execute(select(func.min(at)).where(at < end, rest)).scalar()
            if oldest is None:
                return spans
            month = Month.of(oldest)
            spans.append(Span(name, f"{name}_{month}", month.begin, month.after(1).begin))


def delete_old_rows(engine: Engine, span: Span, pause: Callable[[float], None] = sleep) -> int:
    """Delete the rows of a month in chunks; answers the number of deleted alerts.

    After each chunk other writers get as much time as the chunk took. The file keeps its size; new
    rows use the free space.
    """
    last, alerts_gone = 0, 0
    while rows := _next_rows(engine, span, last):
        began = monotonic()
        with writing(engine) as connection, unguarded(connection):
            alerts_gone += _delete(connection, span, [row.key for row in rows])
        last = rows[-1].place
        pause(max(_MIN_PAUSE, monotonic() - began))
    return alerts_gone


def _next_rows(engine: Engine, span: Span, last: int) -> Sequence[Row[Any]]:
    table, at = _TIMES[span.table]
    query = (
        select(_ROWID.label("place"), table.c.id.label("key"))
        .where(last < _ROWID, at >= span.since, at < span.until)
        .order_by(_ROWID)
        .limit(AT_ONCE)
    )
    with looking(engine) as connection:
        return connection.execute(query).all()


def _delete(connection: Connection, span: Span, keys: Sequence[Any]) -> int:
    table, at = _TIMES[span.table]
    # An id whose claim another run removed may be claimed again: the time tells the two apart.
    old = delete(table).where(table.c.id.in_(keys), at >= span.since, at < span.until)
    freed = connection.execute(old.returning(table.c.id)).scalars().all()
    return _delete_payments(connection, freed) if table is transaction_claims else 0


def _delete_payments(connection: Connection, ids: Sequence[str]) -> int:
    closed = delete(alerts).where(alerts.c.transaction_id.in_(ids)).returning(alerts.c.id)
    named = connection.execute(closed).scalars().all()
    connection.execute(delete(alert_deliveries).where(alert_deliveries.c.alert_id.in_(named)))
    for table, key in _OF_A_PAYMENT:
        connection.execute(delete(table).where(key.in_(ids)))
    return len(named)
