"""forget: before a month is dropped, delete everything else that belongs to its payments.

That is their ids, alerts, alert deliveries, labels, decisions in shadow, revisions and statutory
reports.
"""

from typing import Final

from sqlalchemy import Connection, Engine, text

from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.month import Span

_PAGES: Final = 400  # pages of the table in one short transaction: about 10,000 payments
_SIZE: Final = text(
    "SELECT pg_relation_size(to_regclass(:name)) / current_setting('block_size')::int"
)
# An id whose claim an earlier run deleted may be claimed again: so only claims that this statement
# deletes take their alert, labels and reports along. No index is needed: the pages of the payments
# contain their ids.
_FORGET: Final = """
WITH freed AS (
    DELETE FROM transaction_claims AS claim USING {name} AS payment
    WHERE payment.ctid >= CAST(:since AS tid) AND payment.ctid < CAST(:until AS tid)
    AND claim.id = payment.id AND claim.received_at = payment.received_at
    RETURNING claim.id
), closed AS (
    DELETE FROM alerts USING freed WHERE alerts.transaction_id = freed.id RETURNING alerts.id
), unlabelled AS (
    DELETE FROM labels USING freed WHERE labels.transaction_id = freed.id
), unshadowed AS (
    DELETE FROM shadow_decisions USING freed WHERE shadow_decisions.transaction_id = freed.id
), unrevised AS (
    DELETE FROM revisions USING freed WHERE revisions.transaction_id = freed.id
), unreported AS (
    DELETE FROM statutory_reports USING freed WHERE statutory_reports.transaction_id = freed.id
), delivered AS (
    DELETE FROM alert_deliveries USING closed WHERE alert_deliveries.alert_id = closed.id
)
SELECT count(*) FROM closed
"""


def forget(engine: Engine, span: Span) -> int:
    """Delete page by page; safe to repeat after a crash. Answers the number of deleted alerts.

    The claims go first: a payment that repeats an id meanwhile is new, as it is afterwards.
    """
    with looking(engine) as connection:
        pages: int = connection.execute(_SIZE, {"name": span.name}).scalar_one()
    alerts = 0
    for first in range(0, pages + 1, _PAGES):
        with writing(engine) as connection:
            alerts += _forget(connection, span, first)
    return alerts


def _forget(connection: Connection, span: Span, first: int) -> int:
    statement = text(_FORGET.format(name=span.name))
    pages = {"since": f"({first},0)", "until": f"({first + _PAGES},0)"}
    alerts: int = connection.execute(statement, pages).scalar_one()
    return alerts
