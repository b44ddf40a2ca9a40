"""histories_of, snapshots_of: the accounts when past payments were decided, from stored payments.

The payments of the accounts are recorded again in their order, by the code of a backtest.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, or_, select

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.engine import looking
from risksentinel.adapters.sql.label_rows import IN_ORDER, label_of
from risksentinel.adapters.sql.past_payments import Accounts, Lateness, Period, SqlPast
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.tables import labels, risk_scores, transactions
from risksentinel.domain.history import Snapshot
from risksentinel.domain.reviewed import Labelled, labelled
from risksentinel.domain.transaction import MAX_CLOCK_SKEW
from risksentinel.domain.verdict import Decision
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.rule_trials import Stop
from risksentinel.scoring.partitions.flows import FlowsBefore, PastState
from risksentinel.scoring.partitions.in_order import InOrder
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment

AT_ONCE: Final = 500  # events between two looks at the time
_JUST_AFTER: Final = timedelta(microseconds=1)
_NO_LATENESS: Final = Lateness(None, None)
_NO_WINDOW: Final = 1  # the velocity of a decision is in its receipt


@dataclass(frozen=True, slots=True)
class _AsStored:
    """The stored decision as the outcome of deciding again."""

    decision: Decision


def histories_of(
    engine: Engine,
    some: Sequence[LivePayment],
    reach: timedelta | None,
    span: timedelta,
    stop: Stop,
) -> Mapping[str, PastState]:
    """The state of the accounts, by the id of the payment; see `ports.TrialRecords.histories`.

    Habits are computed from the payments of the last `span`, as a new history computes them.
    """
    if reach is None:
        whole = snapshots_of(engine, some, _NO_WINDOW, span, stop)
        return {
            name: PastState(each.paid, each.got, each.received, each.habits)
            for name, each in whole.items()
        }
    ids, record = {each.payment.id for each in some}, FlowsBefore()
    found: dict[str, PastState] = {}
    with closing(_in_parts(_past(engine, some, reach, span))) as parts:
        for events in parts:
            if stop():
                return {}
            payments = (each.payment for each in events if isinstance(each, PastPayment))
            found |= record(payments, ids)
    return found


def snapshots_of(
    engine: Engine,
    some: Sequence[LivePayment],
    window_seconds: int,
    span: timedelta,
    stop: Stop,
) -> Mapping[str, Snapshot]:
    """The snapshot that each payment got, by its id; empty if `stop` said that the time is over.

    `window_seconds` is that of the velocity. Habits are those of the last `span`.
    """
    record = _Snapshots(window_seconds, {each.payment.id: each.decision for each in some})
    with closing(_in_parts(_past(engine, some, None, span))) as parts:
        for events in parts:
            if stop():
                return {}
            record(events)
    return record.found


class _Snapshots:
    """The whole state of the accounts at each of some payments."""

    def __init__(self, window_seconds: int, decisions: Mapping[str, Decision]) -> None:
        self.found: dict[str, Snapshot] = {}
        self._decisions = decisions
        self._record = InOrder(self._decide, window_seconds)

    def __call__(self, events: Sequence[PastEvent]) -> None:
        self._record([_asked(event, self._decisions) for event in events])

    def _decide(self, asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[_AsStored]:
        self.found |= {past.payment.id: known for past, known in asked}
        return [_AsStored(self._decisions[past.payment.id]) for past, _ in asked]


def _asked(event: PastEvent, decisions: Mapping[str, Decision]) -> PastEvent:
    """The event; a payment whose snapshot is wanted has no given decision, so it is asked for."""
    if isinstance(event, PastPayment) and event.payment.id in decisions:
        return replace(event, given=None)
    return event


def _in_parts(past: SqlPast) -> Generator[list[PastEvent]]:
    part: list[PastEvent] = []
    for event in past.events():
        part.append(event)
        if len(part) == AT_ONCE:
            yield part
            part = []
    yield part


def _past(
    engine: Engine, some: Sequence[LivePayment], reach: timedelta | None, span: timedelta
) -> SqlPast:
    payments = [each.payment for each in some]
    senders = {each.sender_id for each in payments}
    accounts = Accounts(senders, senders | {each.receiver_id for each in payments})
    until = _last_scored(engine, some) + _JUST_AFTER
    if reach is None:
        since = min(each.received_at for each in some) - span
        said = _labels(engine, accounts, since, until)
    else:
        # A payment that counts is dated in the window, and was scored after its date.
        since = min(each.occurred_at for each in payments) - reach - MAX_CLOCK_SKEW
        said = []
    return SqlPast(engine, Period(since, until, until), _NO_LATENESS, said, accounts)


def _last_scored(engine: Engine, some: Sequence[LivePayment]) -> datetime:
    scores = risk_scores.c
    last = max(each.received_at for each in some)
    first = min(each.received_at for each in some)
    query = select(scores.scored_at).where(scores.received_at.between(first, last))
    with looking(engine) as connection:
        for ids in chunks([each.payment.id for each in some]):
            rows = connection.execute(query.where(among(connection, scores.transaction_id, ids)))
            last = max([last, *rows.scalars()])
    return last


def _labels(
    engine: Engine, accounts: Accounts, since: datetime, until: datetime
) -> Sequence[Labelled]:
    """The changes by labels of the payments of these accounts, in the order of writing."""
    of_these = or_(
        among(engine, transactions.c.sender_id, sorted(accounts.payers)),
        among(engine, transactions.c.receiver_id, sorted(accounts.payees)),
    )
    written = (labels.c.written_at >= since, labels.c.written_at < until)
    joined = labels.join(transactions, transactions.c.id == labels.c.transaction_id)
    said = select(labels).select_from(joined).where(of_these, *written).order_by(*IN_ORDER)
    of_them = select(transactions).select_from(joined).where(of_these, *written)
    with looking(engine) as connection:
        found = list(map(label_of, connection.execute(said)))
        payments = list(map(transaction_of, connection.execute(of_them)))
    return list(labelled(found, payments))
