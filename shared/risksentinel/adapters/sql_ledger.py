"""The ledger in SQL: units that write, and the verdicts that stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import Connection, Engine, Row, select

from risksentinel.adapters.sql_chunks import chunks
from risksentinel.adapters.sql_claims import SCORE_OF_ITS_PAYMENT, claimed, of_claimed
from risksentinel.adapters.sql_engine import looking, writing
from risksentinel.adapters.sql_payment_rows import transaction_of, verdict_of
from risksentinel.adapters.sql_tables import alerts, risk_scores, transactions
from risksentinel.adapters.sql_unit import SqlUnit
from risksentinel.domain.verdict import Scored
from risksentinel.ports import Known, PendingEvent, Standing

_KNOWN: Final = (
    select(
        transactions,
        risk_scores.c.score,
        risk_scores.c.decision,
        risk_scores.c.reasons,
        risk_scores.c.explanation,
        risk_scores.c.scored_at,
        alerts.c.id.label("alert_id"),
    )
    .join(risk_scores, SCORE_OF_ITS_PAYMENT, isouter=True)
    .join(alerts, alerts.c.transaction_id == transactions.c.id, isouter=True)
)


class Inbox(Protocol):
    """The relay of this process, seen from its commits."""

    def lease(self) -> datetime | None:
        """Until when announcements may be leased to it; None while it has too many."""

    def put(self, leased: Sequence[PendingEvent], *, all_of_them: bool) -> None:
        """Take what was committed."""


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """Meets `ports.Ledger` on SQLite and PostgreSQL.

    With an inbox, on PostgreSQL, announcements go straight to this process's relay.
    """

    engine: Engine
    inbox: Inbox | None = None

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing(self.engine) as connection:
            unit = SqlUnit(connection, self._lease())
            yield unit
            unit.send()
        if self.inbox is not None and unit.announced:
            self.inbox.put(unit.leased, all_of_them=len(unit.leased) == unit.announced)

    def _lease(self) -> datetime | None:
        if self.inbox is None or self.engine.dialect.name != "postgresql":
            return None
        return self.inbox.lease()

    def known(self, transaction_ids: Sequence[str]) -> dict[str, Known]:
        """The payments that are kept, scored or not, by id."""
        with looking(self.engine) as connection:
            return {
                row.id: _known_of(row)
                for some in chunks(transaction_ids)
                for row in _rows(connection, some)
            }


def _rows(connection: Connection, ids: Sequence[str]) -> Sequence[Row[Any]]:
    claims = claimed(connection, ids)
    if not claims:
        return []
    place = transactions.c
    there = of_claimed(connection, place.id, place.received_at, claims)
    return connection.execute(_KNOWN.where(*there)).all()


def _known_of(row: Row[Any]) -> Known:
    payment = transaction_of(row)
    if row.decision is None:
        return Known(payment, None)
    return Known(payment, Standing(Scored(payment, verdict_of(row)), row.alert_id))
