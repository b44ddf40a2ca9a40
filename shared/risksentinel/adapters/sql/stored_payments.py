"""known: the stored payments with their verdicts, by id."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, select

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT, look, of_claimed
from risksentinel.adapters.sql.payment_rows import transaction_of, verdict_of
from risksentinel.adapters.sql.receipts import RECEIPT
from risksentinel.adapters.sql.tables import alerts, risk_scores, transactions
from risksentinel.domain.verdict import Scored
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict

_KNOWN: Final = (
    select(
        transactions,
        risk_scores.c.score,
        risk_scores.c.decision,
        risk_scores.c.reasons,
        *RECEIPT,
        risk_scores.c.scored_at,
        alerts.c.id.label("alert_id"),
    )
    .join(risk_scores, SCORE_OF_ITS_PAYMENT, isouter=True)
    .join(alerts, alerts.c.transaction_id == transactions.c.id, isouter=True)
)


def known(line: Line, ids: Sequence[str]) -> dict[str, StoredPayment]:
    """The stored payments of these ids, scored or not."""
    return {row.id: _known_of(row) for some in chunks(ids) for row in _rows(line, some)}


def _rows(line: Line, ids: Sequence[str]) -> Sequence[Row[Any]]:
    claims = look(line, ids)
    if not claims:
        return []
    place = transactions.c
    there = of_claimed(line.session, place.id, place.received_at, claims)
    return line.session.execute(_KNOWN.where(*there)).all()


def _known_of(row: Row[Any]) -> StoredPayment:
    payment = transaction_of(row)
    if row.decision is None:
        return StoredPayment(payment, None)
    return StoredPayment(payment, StoredVerdict(Scored(payment, verdict_of(row)), row.alert_id))
