"""keep_received: verdicts of payments that were stored before they were scored."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, select, update

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.id_claims import look, of_claimed
from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.payment_rows import transaction_of, verdict_rows
from risksentinel.adapters.sql.tables import risk_scores, transactions
from risksentinel.domain.verdict import Scored
from risksentinel.ports.ledger import Commitment

_STORED: Final = select(transactions)
_NOW_SCORED: Final = (
    update(transactions)
    .where(
        transactions.c.id == bindparam("payment"), transactions.c.received_at == bindparam("came")
    )
    .values(status=bindparam("new_status"), risk_level=bindparam("new_level"))
)


def keep_received(
    line: Line, batch: Sequence[Scored], committed: dict[str, Commitment]
) -> set[str]:
    """Store verdicts of stored payments; answers the ids whose first verdict is stored by this.

    A verdict of another payment that uses the same id is left out. The commitments of the verdicts
    are added to `committed`.
    """
    ids = [each.transaction.id for each in batch]
    stored = {row.id: row for some in chunks(ids) for row in _rows(line, some)}
    own = [each for each in batch if _is_of(stored.get(each.transaction.id), each)]
    received = [(each, stored[each.transaction.id].received_at) for each in own]
    rows = verdict_rows(received, committed)
    # The primary key decides which of two racing verdicts is stored.
    first = insert_new(line.session, risk_scores, rows)
    changes = [
        _change(each, stored[each.transaction.id]) for each in own if each.transaction.id in first
    ]
    if changes:
        line.session.execute(_NOW_SCORED, changes)
    return first


def _rows(line: Line, ids: Sequence[str]) -> Sequence[Row[Any]]:
    claims = look(line, ids)
    if not claims:
        return []
    place = transactions.c
    condition = of_claimed(line.session, place.id, place.received_at, claims)
    return line.session.execute(_STORED.where(*condition)).all()


def _is_of(row: Row[Any] | None, scored: Scored) -> bool:
    return row is not None and transaction_of(row).is_same_payment(scored.transaction)


def _change(scored: Scored, row: Row[Any]) -> dict[str, Any]:
    return {
        "payment": row.id,
        "came": row.received_at,
        "new_status": scored.verdict.status.value,
        "new_level": scored.verdict.risk_level.value,
    }
