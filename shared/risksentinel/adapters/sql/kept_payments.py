"""SqlKeptPayments: the stored payments of accounts, for a history in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, or_, select

from risksentinel.adapters.sql.chunks import among
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.label_rows import IN_ORDER, label_of
from risksentinel.adapters.sql.payments_in_order import remembered_of, scored_since
from risksentinel.adapters.sql.tables import labels, transactions
from risksentinel.domain.label import labelled
from risksentinel.ports.environment import Clock
from risksentinel.ports.history import NOTHING_KEPT, Past


@dataclass(frozen=True, slots=True)
class SqlKeptPayments:
    """Meets `ports.KeptPayments` on SQLite and PostgreSQL."""

    engine: Engine
    clock: Clock
    span: timedelta  # how far back payments are read

    def past(self, payers: Collection[str], payees: Collection[str]) -> Past:
        """The payments of these senders and to these receivers, with their labels."""
        now = self.clock()
        with reading(self.engine) as connection:
            of_these = or_(
                among(connection, transactions.c.sender_id, sorted(payers)),
                among(connection, transactions.c.receiver_id, sorted(payees)),
            )
            rows = connection.execute(scored_since(now - self.span).where(of_these)).all()
            if not rows:
                return NOTHING_KEPT
            query = (
                select(labels)
                .join(transactions, transactions.c.id == labels.c.transaction_id)
                .where(of_these, labels.c.written_at >= now - self.span)
                .order_by(*IN_ORDER)
            )
            said = [label_of(row) for row in connection.execute(query)]
        payments = [remembered_of(row) for row in rows]
        return Past(payments, list(labelled(said, (each.transaction for each in payments))))
