"""SqlTrialRecords: past payments with the facts they were decided with, for dry runs of rules."""

from collections import defaultdict
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Subquery,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from risksentinel.adapters.sql.account_histories import histories_of
from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.effective_labels import fraud_of
from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import claimed, of_claimed
from risksentinel.adapters.sql.live_payments import live_payment_of
from risksentinel.adapters.sql.pages import in_order_of_an_index
from risksentinel.adapters.sql.receipt_inputs import inputs_in
from risksentinel.adapters.sql.receipts import RECEIPT
from risksentinel.adapters.sql.tables import alerts, risk_scores, transactions
from risksentinel.adapters.sql.types import Identifier, UtcTime
from risksentinel.domain.transaction import Channel, Rail, TransactionStatus
from risksentinel.errors import NotFound
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.rule_trials import Excluded, LookedAt, Receipt, Stop, TrialSpan
from risksentinel.scoring.partitions.flows import PastState

_KINDS: Final = len(Channel) * (len(Rail) + 1)
_SCORED: Final = select(transactions).where(
    transactions.c.status != TransactionStatus.RECEIVED.value
)
_RECEIPTS: Final = select(risk_scores.c.transaction_id, *RECEIPT)


@dataclass(frozen=True, slots=True)
class SqlTrialRecords:
    """Meets `ports.TrialRecords` on SQLite and PostgreSQL.

    Habits are computed from the payments of the last `remembered` time.
    """

    engine: Engine
    remembered: timedelta

    def candidates(
        self, span: TrialSpan, excluded: Excluded, at_once: int
    ) -> Generator[Sequence[LivePayment]]:
        """The payments of the span that are not excluded, the newest first, in pages."""
        newest = _newest(span)
        query = select(newest).where(*_not_excluded(newest, excluded))
        ordered = query.order_by(newest.c.occurred_at.desc(), newest.c.id.desc())
        with reading(self.engine) as connection:
            in_order_of_an_index(connection)
            streaming = connection.execution_options(yield_per=at_once)
            with streaming.execute(ordered) as found:
                for rows in found.partitions(at_once):
                    yield list(map(live_payment_of, rows))

    def looked_at(self, span: TrialSpan, down_to: LivePayment | None) -> LookedAt:
        """The payments of the span, all or down to this one, which is included."""
        newest = _newest(span)
        at = newest.c.occurred_at
        query = select(func.count(), func.min(at), func.max(at)).select_from(newest)
        if down_to is not None:
            payment = down_to.payment
            last = tuple_(literal(payment.occurred_at, UtcTime()), literal(payment.id, Identifier))
            query = query.where(tuple_(at, newest.c.id) >= last)
        with reading(self.engine) as connection:
            in_order_of_an_index(connection)
            return LookedAt(*connection.execute(query).one())

    def payment(self, transaction_id: str) -> LivePayment:
        """One payment. Raises NotFound, also while the payment waits for its decision."""
        with looking(self.engine) as connection:
            claims = claimed(connection, [transaction_id])
            if claims:
                there = of_claimed(
                    connection, transactions.c.id, transactions.c.received_at, claims
                )
                row = connection.execute(_SCORED.where(*there)).one_or_none()
                if row is not None:
                    return live_payment_of(row)
        raise NotFound("there is no decision on such a payment")

    def receipts(self, some: Sequence[LivePayment]) -> Mapping[str, Receipt]:
        """The parts of the receipts that facts are read from, by the id of the payment."""
        found: dict[str, Receipt] = {}
        with looking(self.engine) as connection:
            for part in chunks(some):
                received = [each.received_at for each in part]
                query = _RECEIPTS.where(
                    among(connection, risk_scores.c.transaction_id, [e.payment.id for e in part]),
                    risk_scores.c.received_at.between(min(received), max(received)),
                )
                for row in connection.execute(query):
                    inputs = inputs_in(row)
                    if inputs is not None:
                        found[row.transaction_id] = inputs
        return found

    def fraud(self, ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether the payments are fraud by their effective labels; those without are left out."""
        with looking(self.engine) as connection:
            return fraud_of(connection, ids)

    def alerted(self, ids: Sequence[str]) -> Collection[str]:
        """Those of the payments for which an alert was raised."""
        found: set[str] = set()
        mine = alerts.c.transaction_id
        with looking(self.engine) as connection:
            for some in chunks(ids):
                query = select(mine).where(among(connection, mine, some))
                found.update(connection.execute(query).scalars())
        return found

    def histories(
        self, some: Sequence[LivePayment], reach: int | None, stop: Stop
    ) -> Mapping[str, PastState]:
        """The state of the accounts when each payment was decided, from stored payments."""
        within = None if reach is None else timedelta(seconds=reach)
        return histories_of(self.engine, some, within, self.remembered, stop)


def _newest(span: TrialSpan) -> Subquery:
    query: Select[Any] = _SCORED
    at = transactions.c.occurred_at
    if span.since is not None:
        query = query.where(at >= span.since)
    if span.until is not None:
        query = query.where(at < span.until)
    return query.order_by(at.desc(), transactions.c.id.desc()).limit(span.most).subquery()


def _not_excluded(newest: Subquery, excluded: Excluded) -> Iterator[ColumnElement[bool]]:
    if excluded.min_amount:
        yield newest.c.amount_zar >= excluded.min_amount
    if len(excluded.kinds) < _KINDS:
        yield _of_kinds(newest, excluded.kinds)


def _of_kinds(
    newest: Subquery, kinds: Collection[tuple[Channel, Rail | None]]
) -> ColumnElement[bool]:
    rails: defaultdict[Channel, list[Rail | None]] = defaultdict(list)
    for channel, rail in kinds:
        rails[channel].append(rail)
    rail_of = newest.c.rail
    return or_(
        literal(value=False),
        *(
            and_(
                newest.c.channel == channel.value,
                or_(
                    rail_of.in_([each.value for each in some if each is not None]),
                    rail_of.is_(None) if None in some else literal(value=False),
                ),
            )
            for channel, some in rails.items()
        ),
    )
