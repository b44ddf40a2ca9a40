"""SqlRevisions: payments that were decided without a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, select, tuple_

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.live_payments import live_payment_of
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.revision_rows import revision_of
from risksentinel.adapters.sql.tables import revisions, transactions
from risksentinel.domain.revision import Revision, RevisionState
from risksentinel.ports.pages import Page
from risksentinel.ports.revisions import Place, WaitingPayment

_ROW: Final = revisions.c
_ORDER: Final = NewestFirst(_ROW.scored_at, _ROW.transaction_id)


@dataclass(frozen=True, slots=True)
class SqlRevisions:
    """Meets `ports.Revisions` on SQLite and PostgreSQL."""

    engine: Engine

    def waiting(self, after: Place | None, until: datetime, most: int) -> Sequence[WaitingPayment]:
        """Payments that wait for a second look, scored until then, in order of `Place`."""
        place = tuple_(_ROW.scored_at, _ROW.transaction_id)
        query = (
            select(revisions, transactions)
            .join(transactions, transactions.c.id == _ROW.transaction_id)
            .where(_ROW.state == RevisionState.WAITING.value, _ROW.scored_at <= until)
            .order_by(_ROW.scored_at, _ROW.transaction_id)
            .limit(most)
        )
        if after is not None:
            query = query.where(place > after)
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        return [WaitingPayment(live_payment_of(row), revision_of(row)) for row in rows]

    def revisions(
        self, state: RevisionState | None, after: tuple[str, ...] | None, most: int
    ) -> Page[Revision]:
        """One page, newest first by `scored_at`."""
        query = select(revisions)
        if state is not None:
            query = query.where(_ROW.state == state.value)
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, revision_of, None)
