"""SqlLedger: transactions that write, and the stored payments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine

from risksentinel.adapters.sql.driver import looking_line, writing_line
from risksentinel.adapters.sql.stored_payments import known
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.ports.publishing import PendingEvent
from risksentinel.ports.stored_payment import StoredPayment


class RelayInbox(Protocol):
    """The relay of this process, as the ledger uses it."""

    def lease(self) -> datetime | None:
        """The end of the lease for events of this commit; None while the relay has too many."""

    def put(self, leased: Sequence[PendingEvent], *, all_of_them: bool) -> None:
        """Take the committed events; `all_of_them` is false if some are only in the outbox."""


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """Meets `ports.Ledger` on SQLite and PostgreSQL.

    With an inbox, on PostgreSQL, new outbox events are leased to this process's relay at once.
    """

    engine: Engine
    inbox: RelayInbox | None = None

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing_line(self.engine) as line:
            unit = SqlUnit(line, self._lease())
            yield unit
            unit.finish()
        if self.inbox is not None and unit.enqueued:
            self.inbox.put(unit.leased, all_of_them=len(unit.leased) == unit.enqueued)

    def _lease(self) -> datetime | None:
        if self.inbox is None or self.engine.dialect.name != "postgresql":
            return None
        return self.inbox.lease()

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The stored payments of these ids, scored or not, by id."""
        with looking_line(self.engine) as line:
            return known(line, transaction_ids)
