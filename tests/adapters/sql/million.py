"""load: a year of payments, as many as a query plan must not depend on."""

from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import Any, Final

from sqlalchemy import Engine, text

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.adapters.sql.tables import (
    alerts,
    labels,
    risk_scores,
    statutory_reports,
    transactions,
)
from risksentinel.adapters.sql.types import UtcTime
from tests.adapters.sql.samples import event

PAYMENTS: Final = 1_000_000
SENDERS: Final = 5_000
BUSY: Final = "acc-busy"  # the sender of one payment in 20, all of level low and approved
_POSTGRESQL: Final = {
    "numbers": "SELECT n FROM generate_series(1, :payments) AS n",
    "end": " ON COMMIT DROP",
    "at": "CAST(:first AS timestamptz) + n * (CAST(:last AS timestamptz) - :first) / :payments",
    "due": "CAST(at AS date) + 3",
    "places": "1",
    "cents": "1",
}
_SQLITE: Final = {
    "numbers": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
    " WHERE n < :payments) SELECT n FROM numbers",
    "end": "",
    "at": ":first + n * (:last - :first) / :payments",
    "due": "date(at / 1000000, 'unixepoch', '+3 days')",
    "places": "10000",
    "cents": "100",
}
_MADE_UP: Final = """
CREATE TEMPORARY TABLE made_up{end} AS
SELECT 'tx-' || n AS id, n, {at} AS at,
    CASE WHEN n % 20 = 1 THEN 'acc-busy' ELSE 'acc-' || n % :senders END AS sender,
    CASE WHEN n > :payments - 500 THEN NULL WHEN n % 100 < 94 THEN 'low'
        WHEN n % 100 < 97 THEN 'medium' WHEN n % 100 < 99 THEN 'high' ELSE 'critical' END AS level,
    CASE WHEN n > :payments - 500 THEN NULL WHEN n % 100 < 97 OR n % 1000 = 199 THEN 'approve'
        WHEN n % 100 < 99 THEN 'review' ELSE 'decline' END AS decision
FROM ({numbers}) AS numbered
"""
_CLAIMS: Final = "INSERT INTO transaction_claims SELECT id, at FROM made_up"
_TRANSACTIONS: Final = """
INSERT INTO transactions (id, sender_id, receiver_id, amount_zar, channel, occurred_at, received_at,
    status, risk_level)
SELECT id, sender, 'acc-9', 250 * {cents}, 'ussd', at, at,
    CASE decision WHEN 'approve' THEN 'approved' WHEN 'decline' THEN 'declined'
        WHEN 'review' THEN 'review' ELSE 'received' END,
    level
FROM made_up
"""
_SCORES: Final = """
INSERT INTO risk_scores (transaction_id, received_at, score, risk_level, decision, amount_zar,
    scored_at, reasons, explanation)
SELECT id, at, 0.5 * {places}, level, decision, 250 * {cents}, at, '[]', '{{}}' FROM made_up
WHERE level IS NOT NULL
"""
_ALERTS: Final = """
INSERT INTO alerts (id, transaction_id, sender_id, receiver_id, amount_zar, score, severity,
    reasons, status, assignee, raised_at, version)
SELECT 'al-' || n, id, sender, 'acc-9', 250 * {cents}, 0.9 * {places}, level, '[]',
    CASE WHEN n > 0.99 * :payments THEN 'open' ELSE 'resolved' END, 'desk-' || n % 37, at, 1
FROM made_up WHERE decision <> 'approve'
"""
_REPORTS: Final = """
INSERT INTO statutory_reports (id, transaction_id, kind, sender_id, receiver_id, amount_zar, due_on,
    decision, status, created_at, version)
SELECT 'rp-' || n, id, CASE WHEN n % 100000 = 0 THEN 'CTR' ELSE 'IFTR' END, sender, 'acc-9',
    75000 * {cents}, {due}, decision,
    CASE WHEN n > 0.99 * :payments THEN 'open' ELSE 'filed' END, at, 1
FROM made_up WHERE n % 20 = 0 AND level IS NOT NULL
"""
_LABELS: Final = """
INSERT INTO labels (transaction_id, source, version, finding, reported_by, reported_at, occurred_at,
    written_at)
SELECT id, 'analyst', 1, 'fraud', 'thandi', at, at, at FROM made_up WHERE n % 100 = 0
"""
_LIST: Final = """
INSERT INTO lists (id, name, description, author, created_at, size, revision)
VALUES ('li-1', 'mules', '', 'thandi', :first, 20000, 1)
"""
_ENTRIES: Final = """
INSERT INTO list_entries (list_id, folded, value, digest, reason, author, created_at, revision)
SELECT 'li-1', id, id, n, '', 'thandi', at, 1 FROM made_up WHERE n <= 20000
"""
_OUTBOX: Final = """
INSERT INTO outbox (topic, key, held_until, attempts, created_at, event)
SELECT 'transactions.scored', 'acc-' || n % :senders,
    CASE WHEN n % 3 = 0 THEN CAST(:last AS timestamptz) + interval '1 minute' END,
    0, :last, CAST(:event AS json)
FROM generate_series(1, 50000) AS n
"""
_ROWS: Final = (
    _MADE_UP,
    _CLAIMS,
    _TRANSACTIONS,
    _SCORES,
    _ALERTS,
    _REPORTS,
    _LABELS,
    _LIST,
    _ENTRIES,
)


def load(engine: Engine, first: datetime, last: datetime, payments: int = PAYMENTS) -> None:
    """Fill the tables with payments that came evenly between the two."""
    months = SqlMonths(engine)
    for missing in months.missing(first, ahead=12):
        months.make(missing)
    on_postgresql = engine.dialect.name == "postgresql"
    filled = (transactions, risk_scores, alerts, statutory_reports, labels)
    indexes = list(chain.from_iterable(table.indexes for table in filled))
    values = {"payments": payments, **_values(engine, first, last)}
    words: Mapping[str, str] = _POSTGRESQL if on_postgresql else _SQLITE
    with writing(engine) as connection:
        for index in indexes:  # created at the end, in half the time
            index.drop(connection)
        for statement in _ROWS:
            connection.execute(text(statement.format(**words)), values)
        if on_postgresql:
            event_text = dumps(event().structured())
            connection.execute(text(_OUTBOX), {**values, "event": event_text})
        for index in indexes:
            index.create(connection)
        count_hours(connection)
    if on_postgresql:
        with looking(engine) as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _values(engine: Engine, first: datetime, last: datetime) -> dict[str, Any]:
    kind = UtcTime()
    times = {"first": first, "last": last}
    bound = {name: kind.process_bind_param(at, engine.dialect) for name, at in times.items()}
    return {"senders": SENDERS, **bound}
