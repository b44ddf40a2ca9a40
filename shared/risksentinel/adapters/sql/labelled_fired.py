"""labelled_fired: payments with labels, and the rules that fired on them, from their receipts."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.effective_labels import fraud_of
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT, claimed, of_claimed
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.tables import labels, risk_scores, transactions
from risksentinel.domain.local_day import day_of
from risksentinel.domain.rule_watch import LabelledFired, Window
from risksentinel.domain.transaction import MAX_CLOCK_SKEW
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.rules_fired import rules_fired

_OCCURRED_AT: Final = func.max(labels.c.occurred_at)
_SCORED: Final = select(
    transactions.c.id,
    transactions.c.occurred_at,
    transactions.c.amount_zar,
    risk_scores.c.decision,
    *RECEIPT,
).join(risk_scores, SCORE_OF_ITS_PAYMENT)


def labelled_fired(
    connection: Connection, window: Window, most: int
) -> tuple[list[LabelledFired], bool]:
    """The newest `most` payments of the window with labels, and whether these are all.

    Payments whose labels are withdrawn or contradict one another are among the `most`, and are left
    out: they have no effective label.
    """
    query = (
        select(labels.c.transaction_id)
        # No label is written before its payment is received: the index is on this time.
        .where(labels.c.written_at >= window.since - MAX_CLOCK_SKEW)
        .where(labels.c.occurred_at >= window.since, labels.c.occurred_at < window.until)
        .group_by(labels.c.transaction_id)
        .order_by(_OCCURRED_AT.desc(), labels.c.transaction_id)
        .limit(most + 1)
    )
    ids = connection.execute(query).scalars().all()
    found = [each for some in chunks(ids[:most]) for each in _fired(connection, some)]
    return found, len(ids) <= most


def _fired(connection: Connection, ids: Sequence[str]) -> Iterator[LabelledFired]:
    claims = claimed(connection, ids)
    if not claims:
        return
    fraud = fraud_of(connection, ids)
    there = of_claimed(connection, transactions.c.id, transactions.c.received_at, claims)
    for row in connection.execute(_SCORED.where(*there)):
        if row.id in fraud:
            yield _labelled(row, fraud=fraud[row.id])


def _labelled(row: Row[Any], *, fraud: bool) -> LabelledFired:
    return LabelledFired(
        day=day_of(row.occurred_at),
        rules=rules_fired(receipt_of(row)),
        fraud=fraud,
        stopped=row.decision != Decision.APPROVE.value,
        amount=row.amount_zar,
    )
