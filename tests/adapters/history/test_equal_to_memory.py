"""Redis and memory get the same calls in any order, and must give the same answers."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    multiple,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from risksentinel.domain.account_side import MAX_HELD, Bounds
from risksentinel.domain.label import Finding
from risksentinel.domain.party_state import MAX_LABELS
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.ports.history import Remembered, Withheld
from tests.adapters.history.histories import (
    TIGHT,
    FreshRedis,
    fresh_memory,
    labelled,
    payment,
    payments,
)
from tests.strategies import NOW


class Twins(RuleBasedStateMachine):
    """One history of each kind, with the same past."""

    redis: FreshRedis
    recorded = Bundle("recorded")

    @override
    def __init__(self) -> None:
        super().__init__()
        self.here, self.there = fresh_memory(TIGHT), self.redis(TIGHT)
        self.all: list[Transaction] = []
        self.decided: dict[str, Decision] = {}

    @rule(target=recorded, batch=st.lists(payments, min_size=1, max_size=6))
    def record(self, batch: list[Transaction]) -> object:
        """New payments, alone or together: late, out of order, at once, at the window's edges."""
        self._both_record(batch)
        return multiple(*batch)

    @rule(batch=st.lists(recorded, min_size=1, max_size=3), among=st.lists(payments, max_size=3))
    def repeat(self, batch: list[Transaction], among: list[Transaction]) -> None:
        """Payments that came before, among new ones."""
        self._both_record([*batch, *among, *batch])

    @rule(paid=recorded, standing=st.sampled_from([*Finding, None]), hours=st.integers(0, 3))
    def label(self, paid: Transaction, standing: Finding | None, hours: int) -> None:
        """A payment is labelled fraud or genuine, or the label is withdrawn."""
        said = [labelled(paid, standing, NOW + timedelta(hours=hours))]
        self.here.label(said)
        self.there.label(said)

    @rule(paid=recorded, decision=st.sampled_from([Decision.REVIEW, Decision.DECLINE]))
    def withhold(self, paid: Transaction, decision: Decision) -> None:
        """A payment is not approved; the call may be repeated."""
        self.decided[paid.id] = decision
        self._both_withhold([Withheld(paid, decision is Decision.REVIEW)])

    @rule(batch=st.lists(payments, min_size=1, max_size=12), review=st.booleans())
    def attack(self, batch: list[Transaction], review: bool) -> None:  # noqa: FBT001 - a case
        """A batch is recorded, and none of it is approved."""
        self._both_record(batch)
        self.decided |= {paid.id: Decision.REVIEW if review else Decision.DECLINE for paid in batch}
        self._both_withhold([Withheld(paid, review) for paid in batch])

    @rule(kept=st.integers(0, 20))
    def rebuild(self, kept: int) -> None:
        """Begin again with a part of the past."""
        payments = [Remembered(paid, self.decided.get(paid.id)) for paid in self.all[-kept:]]

        assert self.here.rebuild(payments) == self.there.rebuild(payments)

    def _both_withhold(self, batch: list[Withheld]) -> None:
        self.here.withhold(batch)
        self.there.withhold(batch)

    def _both_record(self, batch: list[Transaction]) -> None:
        assert self.there.record(batch) == self.here.record(batch)
        self.all += batch


def _twins(fresh: FreshRedis) -> type[Twins]:
    return type("TwinsHere", (Twins,), {"redis": fresh})


def test_one_server_answers_as_memory_does(redis: FreshRedis) -> None:
    """Scores must not depend on the store of the history."""
    machine = _twins(redis)

    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, stateful_step_count=20, deadline=None)
    )


def test_a_cluster_answers_as_memory_does(cluster: FreshRedis) -> None:
    """Scores must not depend on the number of servers."""
    machine = _twins(cluster)

    run_state_machine_as_test(
        machine, settings=settings(max_examples=15, stateful_step_count=15, deadline=None)
    )


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(150)), batch=st.integers(1, 150))
def test_many_payments_in_a_window_are_counted_as_memory_does(
    redis: FreshRedis, order: list[int], batch: int
) -> None:
    """Redis reads a long window piece by piece, and a late payment belongs into its middle."""
    bounds = Bounds(paid=100, received=90)
    here, there = fresh_memory(bounds), redis(bounds)
    paid = [payment(at=NOW + timedelta(seconds=4 * (n // 2)), cents=n) for n in order]

    for first in range(0, len(paid), batch):
        some = paid[first : first + batch]
        assert there.record(some) == here.record(some)


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(60)), batch=st.integers(1, 60))
def test_many_days_are_kept_as_memory_keeps_them(
    redis: FreshRedis, order: list[int], batch: int
) -> None:
    """A late payment joins its own day, and the oldest days make room."""
    here, there = fresh_memory(), redis()
    paid = [payment(at=NOW - timedelta(days=3 * n // 4), cents=100 + n) for n in order]

    for first in range(0, len(paid), batch):
        some = paid[first : first + batch]
        assert there.record(some) == here.record(some)


def test_many_labels_are_kept_as_memory_keeps_them(redis: FreshRedis) -> None:
    """The oldest labels are dropped, and a repeated one takes no place."""
    here, there = fresh_memory(), redis()
    paid = [payment(cents=100 + n) for n in range(MAX_LABELS + 5)]
    here.record(paid)
    there.record(paid)

    for number, each in enumerate([*paid, *paid[-3:]]):
        said = [labelled(each, Finding.FRAUD, NOW + timedelta(minutes=number % len(paid)))]
        here.label(said)
        there.label(said)

    last = [payment()]
    assert there.record(last) == here.record(last)


@settings(max_examples=6, deadline=None)
@given(order=st.permutations(range(90)), batch=st.integers(1, 90), review=st.booleans())
def test_many_beneficiaries_and_devices_are_kept_as_memory_keeps_them(
    redis: FreshRedis,
    order: list[int],
    batch: int,
    review: bool,  # noqa: FBT001 - a case
) -> None:
    """More of both than are stored, half of them withheld, and some of these cleared."""
    bounds = Bounds(beneficiaries=20)
    here, there = fresh_memory(bounds), redis(bounds)
    paid = [
        replace(
            payment(receiver=f"R{n % 37}", at=NOW + timedelta(hours=n), cents=100 + n),
            device_id=f"device-{n}",
        )
        for n in order
    ]

    for first in range(0, len(paid), batch):
        some = paid[first : first + batch]
        assert there.record(some) == here.record(some)
        withheld = [Withheld(one, review) for one in some[::2]]
        cleared = [labelled(one, Finding.GENUINE, NOW) for one in some[::4]]
        for history in (here, there):
            history.withhold(withheld)
            history.label(cleared)

    again = [replace(one, id=f"{one.id}-again") for one in paid]
    assert there.record(again) == here.record(again)


def test_many_held_payments_are_kept_as_memory_keeps_them(redis: FreshRedis) -> None:
    """The oldest under review make room: cleared later they are no habits, the others are."""
    here, there = fresh_memory(), redis()
    paid = [payment(cents=100 + n) for n in range(MAX_HELD + 10)]
    said = [labelled(one, Finding.GENUINE, NOW) for one in paid]
    last = [payment()]

    for history in (here, there):
        for one in paid:
            history.record([one])
            history.withhold([Withheld(one, review=True)])
        history.label(said)

    (snapshot,) = there.record(last)
    assert [snapshot] == here.record(last)
    assert snapshot.sender.payments == MAX_HELD


def test_a_rebuild_gives_what_the_payments_gave(fresh_redis: FreshRedis) -> None:
    """After a loss of Redis nothing of an attack is a habit, and what was cleared is one."""
    live, rebuilt = fresh_memory(), fresh_redis()
    decisions = (Decision.APPROVE, Decision.REVIEW, Decision.DECLINE, None)
    paid = [
        replace(payment(receiver=f"R{n % 5}", cents=100 + n), device_id=f"d{n % 3}")
        for n in range(40)
    ]
    kept = [Remembered(one, decisions[n % 4]) for n, one in enumerate(paid)]
    for each in kept:
        live.record([each.transaction])
        live.withhold([each.withheld] if each.withheld else [])

    rebuilt.rebuild(kept)

    said = [labelled(one, Finding.GENUINE, NOW) for one in paid]
    last = [payment()]
    live.label(said)
    rebuilt.label(said)
    assert rebuilt.record(last) == live.record(last)
