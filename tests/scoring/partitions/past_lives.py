"""Random pasts of a few accounts, and the reference: one process, one payment after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.history import Snapshot, snapshot_of
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment
from tests.strategies import NOW, bare_transactions, few_parties

WINDOW: Final = 300
_ACCOUNTS: Final = 2**31
_DECISIONS: Final = (Decision.APPROVE, Decision.APPROVE, Decision.REVIEW, Decision.DECLINE)


@dataclass(frozen=True)
class Seen:
    """All that a decision was made from, and the decision."""

    snapshot: Snapshot
    decision: Decision


def see(asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[Seen]:
    """Decide by the habits of both accounts, so that each decision depends on many before it."""
    return [Seen(past, _DECISIONS[(_habits(past) + each.order) % 4]) for each, past in asked]


def _habits(past: Snapshot) -> int:
    habits = past.habits
    parts = (habits.sender.payments, habits.sender.labels, habits.receiver.payments)
    return sum(map(sum, parts)) + sum(habits.receiver.labels)


@st.composite
def pasts(draw: st.DrawFn) -> list[PastEvent]:
    """Payments between few accounts, a minute to a day apart, with labels of earlier ones."""
    events: list[PastEvent] = []
    at = NOW - timedelta(days=60)
    for order in range(draw(st.integers(1, 40))):
        at += timedelta(minutes=draw(st.sampled_from([1, 5, 1_440])))
        paid = [each for each in events if isinstance(each, PastPayment)]
        if paid and draw(st.integers(0, 4)) == 0:
            of = draw(st.sampled_from(paid))
            fraud = draw(st.sampled_from([True, False, None]))
            clears = draw(st.booleans())
            events.append(PastLabel(order, of.order, of.payment, at, fraud, clears))
            continue
        payment = replace(
            draw(bare_transactions),
            id=f"p{order}",
            sender_id=draw(few_parties),
            receiver_id=draw(few_parties),
            occurred_at=at,
        )
        given = draw(st.sampled_from([None, None, None, *Decision]))
        events.append(PastPayment(order, payment, at, given))
    return events


def one_after_the_other(events: Sequence[PastEvent]) -> dict[int, Seen]:
    """Decide all payments in order, with the account book that the engine uses in memory."""
    book, results = AccountBook(_ACCOUNTS), {}
    decisions: dict[int, Decision] = {}
    for event in events:
        payment = event.payment
        if isinstance(event, PastLabel):
            if event.applies(decisions[event.of]):
                book.label(payment, event.known_at, fraud=event.fraud)
            continue
        around = book.record(payment)
        (seen,) = see([(event, snapshot_of(payment, around, WINDOW))])
        results[event.order] = seen
        decision = seen.decision if event.given is None else event.given
        decisions[event.order] = decision
        if decision is not Decision.APPROVE:
            book.withhold(payment, review=decision is Decision.REVIEW)
    return results
