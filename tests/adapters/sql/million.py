"""million: a year of payments, as many as a query plan must not mind."""

from datetime import datetime
from itertools import chain
from typing import Final

from sqlalchemy import Engine, text

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.engine import dumps, looking, writing
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.tables import alerts, risk_scores, statutory_reports, transactions
from tests.adapters.sql.samples import event

PAYMENTS: Final = 1_000_000
SENDERS: Final = 5_000
_MADE_UP: Final = """
CREATE TEMPORARY TABLE made_up ON COMMIT DROP AS
SELECT 'tx-' || n AS id, n, 'acc-' || n % :senders AS sender,
    CAST(:first AS timestamptz) + n * (CAST(:last AS timestamptz) - :first) / :payments AS at,
    CASE WHEN n % 100 < 97 THEN 'low' WHEN n % 100 < 99 THEN 'high' ELSE 'critical' END AS level,
    CASE WHEN n % 100 < 97 THEN 'approve' WHEN n % 100 < 99 THEN 'review' ELSE 'decline' END
        AS decision
FROM generate_series(1, :payments) AS n
"""
_CLAIMS: Final = "INSERT INTO transaction_claims SELECT id, at FROM made_up"
_TRANSACTIONS: Final = """
INSERT INTO transactions (id, sender_id, receiver_id, amount_zar, channel, occurred_at, received_at,
    status, risk_level)
SELECT id, sender, 'acc-9', 250, 'ussd', at, at,
    CASE decision WHEN 'approve' THEN 'approved' WHEN 'decline' THEN 'declined' ELSE 'review' END,
    level
FROM made_up
"""
_SCORES: Final = """
INSERT INTO risk_scores (transaction_id, received_at, score, risk_level, decision, amount_zar,
    scored_at, reasons, explanation)
SELECT id, at, 0.5, level, decision, 250, at, '[]', '{}' FROM made_up
"""
_ALERTS: Final = """
INSERT INTO alerts (id, transaction_id, sender_id, receiver_id, amount_zar, score, severity,
    reasons, status, assignee, raised_at, version)
SELECT 'al-' || n, id, sender, 'acc-9', 250, 0.9, level, '[]',
    CASE WHEN n > 0.99 * :payments THEN 'open' ELSE 'resolved' END, 'desk-' || n % 37, at, 1
FROM made_up WHERE level <> 'low'
"""
_REPORTS: Final = """
INSERT INTO statutory_reports (id, transaction_id, kind, sender_id, receiver_id, amount_zar, due_on,
    decision, status, created_at, version)
SELECT 'rp-' || n, id, CASE WHEN n % 3 = 0 THEN 'CTR' ELSE 'IFTR' END, sender, 'acc-9', 75000,
    CAST(at AS date) + 3, decision,
    CASE WHEN n > 0.99 * :payments THEN 'open' ELSE 'filed' END, at, 1
FROM made_up WHERE n % 20 = 0
"""
_OUTBOX: Final = """
INSERT INTO outbox (topic, key, held_until, attempts, created_at, event)
SELECT 'transactions.scored', 'acc-' || n % :senders,
    CASE WHEN n % 3 = 0 THEN CAST(:last AS timestamptz) + interval '1 minute' END,
    0, :last, CAST(:event AS json)
FROM generate_series(1, 50000) AS n
"""


def load(engine: Engine, first: datetime, last: datetime) -> None:
    """Fill the tables with payments that came evenly between the two."""
    months = SqlMonths(engine)
    for missing in months.missing(first, ahead=12):
        months.make(missing)
    known = {"payments": PAYMENTS, "senders": SENDERS, "first": first, "last": last}
    filled = (transactions, risk_scores, alerts, statutory_reports)
    indexes = list(chain.from_iterable(table.indexes for table in filled))
    statements = (_MADE_UP, _CLAIMS, _TRANSACTIONS, _SCORES, _ALERTS, _REPORTS, _OUTBOX)
    with writing(engine) as connection:
        for index in indexes:  # made at the end, in half the time
            index.drop(connection)
        for statement in statements:
            connection.execute(text(statement), {**known, "event": dumps(event().structured())})
        for index in indexes:
            index.create(connection)
        count_hours(connection)
    with looking(engine) as connection:
        connection.execute(text("VACUUM ANALYZE"))
