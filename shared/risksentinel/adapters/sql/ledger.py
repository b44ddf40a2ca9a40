"""The ledger in SQL: units that write, and the verdicts that stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.stored_payments import known
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.ports.announcements import PendingEvent
from risksentinel.ports.stored_payment import StoredPayment


class RelayInbox(Protocol):
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
    inbox: RelayInbox | None = None

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing(self.engine) as connection:
            unit = SqlUnit(connection, self._lease())
            yield unit
            unit.finish()
        if self.inbox is not None and unit.announced:
            self.inbox.put(unit.leased, all_of_them=len(unit.leased) == unit.announced)

    def _lease(self) -> datetime | None:
        if self.inbox is None or self.engine.dialect.name != "postgresql":
            return None
        return self.inbox.lease()

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The payments that are kept, scored or not, by id."""
        with looking(self.engine) as connection:
            return known(connection, transaction_ids)
