"""SqlLedger: transactions that write, and the stored payments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from risksentinel.adapters.sql.driver import looking_line, writing_line
from risksentinel.adapters.sql.new_bases import NewBases
from risksentinel.adapters.sql.relay_inbox import RelayInbox
from risksentinel.adapters.sql.stored_payments import known
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.adapters.sql.unit_events import UnitEvents
from risksentinel.ports.ledger import Origin
from risksentinel.ports.stored_payment import StoredPayment


@dataclass(frozen=True, slots=True)
class SqlLedger:
    """Meets `ports.Ledger` on SQLite and PostgreSQL.

    With an inbox, on PostgreSQL, new outbox events are leased to this process's relay at once.
    `origin` is added to the details of each audit entry.
    """

    engine: Engine
    inbox: RelayInbox | None = None
    origin: Origin | None = None
    _stored_bases: set[str] = field(default_factory=set, repr=False, compare=False)

    @contextmanager
    def unit(self, *, expects_new: bool = False) -> Iterator[SqlUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error.

        With `expects_new`, few payments are claimed in the statement that inserts them, on
        PostgreSQL; then the end of the block may raise Raced.
        """
        with writing_line(self.engine) as line:
            events, bases = UnitEvents(self.inbox, self._lease()), NewBases(self._stored_bases)
            unit = SqlUnit(line, events, expects_new, self.origin, bases)
            yield unit
            unit.commit()
        bases.committed()
        unit.events.hand_over()

    def _lease(self) -> datetime | None:
        if self.inbox is None or self.engine.dialect.name != "postgresql":
            return None
        return self.inbox.lease()

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """The stored payments of these ids, scored or not, by id."""
        with looking_line(self.engine) as line:
            return known(line, transaction_ids)
