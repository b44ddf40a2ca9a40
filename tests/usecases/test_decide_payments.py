"""A batch is decided as its payments one by one, and stopped payments do not become habits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from infra.devstack.servers.redis import Redis
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.domain.history import Snapshot
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.domain.verdict import Decision, Scored
from risksentinel.ports.history import History, Withheld
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import MAX_OF_ONE_ACCOUNT, Scoring, rounds
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.strategies import NOW

WINDOW = timedelta(seconds=300)
A_DAY = timedelta(days=1)


def paid(  # noqa: PLR0913 - a payment has so many parts
    name: str,
    cents: int = 20_000,
    *,
    sender: str = "me",
    receiver: str = "shop",
    ago: timedelta = timedelta(0),
    device: str | None = None,
    swapped: bool = False,
) -> Transaction:
    """A payment by phone."""
    at = NOW - ago
    return Transaction(
        id=name,
        sender_id=sender,
        receiver_id=receiver,
        amount=Money.of_cents(cents),
        channel=Channel.MOBILE_BANKING,
        occurred_at=at,
        rail=Rail.PAYSHAP,
        device_id=device,
        sim_swapped_at=at - timedelta(hours=1) if swapped else None,
    )


TIMELY = Policy(max_lateness_seconds=None)  # a life of months is paid at once


def deciding(history: History) -> DecidePayments:
    """The default rules and this history."""
    return DecidePayments(
        Scoring(
            FixedRules(policy=TIMELY),
            history,
            FixedModel(),
            TIMELY,
            RememberingMeter(),
            FixedLists(),
        )
    )


def fresh() -> MemoryHistory:
    """An empty history."""
    return MemoryHistory(WINDOW)


@st.composite
def batches(draw: st.DrawFn) -> list[Transaction]:
    """Payments of few accounts within days, in order; some are large, some after a SIM swap."""
    count = draw(st.integers(1, 25))
    ages = sorted((draw(st.integers(0, 3 * 86_400)) for _ in range(count)), reverse=True)
    return [
        paid(
            f"t{number}",
            draw(st.sampled_from([2_000, 150_000, 1_200_000, 6_000_000])),
            sender=draw(st.sampled_from(["A", "B"])),
            receiver=draw(st.sampled_from(["shop", "mule", "A", "B"])),
            ago=timedelta(seconds=age),
            device=draw(st.sampled_from([None, "phone", "farm"])),
            swapped=draw(st.integers(0, 4)) == 0,
        )
        for number, age in enumerate(ages)
    ]


def one_by_one(decide: DecidePayments, batch: Sequence[Transaction]) -> list[Scored]:
    """The verdicts where each payment comes alone."""
    return [scored for payment in batch for scored in decide([payment], NOW)]


usual_life = [
    paid(f"usual-{n}", receiver="shop", sender=sender, ago=timedelta(days=110 - n), device="phone")
    for n in range(100)
    for sender in ("A", "B")
]


@settings(max_examples=60, deadline=None)
@given(batches(), st.booleans())
def test_a_batch_is_decided_as_its_payments_one_by_one(
    batch: list[Transaction],
    known: bool,  # noqa: FBT001 - a case
) -> None:
    """How a bank sends its payments must not change what is decided of them."""
    together, alone = deciding(fresh()), deciding(fresh())
    if known:
        one_by_one(together, usual_life)
        one_by_one(alone, usual_life)

    found = together(batch, NOW)

    assert found == one_by_one(alone, batch)


def test_a_known_device_stays_known_after_an_older_payment_of_its_batch_is_withheld() -> None:
    """The older payment came late: without it, the device is known since its payment before."""
    known = paid("known", sender="A", receiver="B", ago=A_DAY * 3, device="phone")
    older = paid(
        "older", 4_999_999, sender="A", receiver="mule", ago=A_DAY * 5, device="phone", swapped=True
    )
    batch = [older, paid("next", 4_999_999, sender="A", receiver="C", device="phone", swapped=True)]
    together, alone = deciding(fresh()), deciding(fresh())
    one_by_one(together, [known])
    one_by_one(alone, [known])

    found = together(batch, NOW)

    assert found[0].verdict.decision is not Decision.APPROVE
    assert found == one_by_one(alone, batch)


def test_an_attack_in_one_batch_is_decided_as_one_by_one() -> None:
    """Ninety large payments to new receivers among usual ones, more than one round has."""
    attack = [
        paid(f"a-{n}", 4_999_999, sender="A", receiver=f"mule-{n % 30}", device=f"farm-{n}",
             ago=timedelta(seconds=200 - n))
        for n in range(90)
    ]  # fmt: skip
    usual = [paid(f"b-{n}", sender="B", ago=timedelta(seconds=100 - n)) for n in range(90)]
    batch = [one for pair in zip(attack, usual, strict=True) for one in pair]
    together, alone = deciding(fresh()), deciding(fresh())
    one_by_one(together, usual_life)
    one_by_one(alone, usual_life)

    found = together(batch, NOW)

    assert found == one_by_one(alone, batch)
    assert Decision.DECLINE in {one.verdict.decision for one in found}


@pytest.mark.parametrize("in_batches_of", [1, 100])
def test_an_attack_does_not_become_a_habit(in_batches_of: int) -> None:
    """After two hundred declined payments the next one is as anomalous as the first one."""
    history = fresh()
    decide = deciding(history)
    one_by_one(decide, usual_life)
    before = history.record([paid("before", sender="A", ago=timedelta(hours=30))])[0]
    attack = [
        paid(f"x-{n}", 4_999_999, sender="A", receiver=f"mule-{n}", ago=timedelta(seconds=400 - n))
        for n in range(200)
    ]

    decided = [
        each.verdict.decision
        for start in range(0, len(attack), in_batches_of)
        for each in decide(attack[start : start + in_batches_of], NOW)
    ]

    after = history.record([paid("after", sender="A")])[0]
    assert Decision.APPROVE not in decided
    assert after.sender.payments == before.sender.payments + 1
    assert (after.sender.median, after.sender.settled_largest) == (200.0, 200.0)
    assert after.paid.window(86_400).count == 201


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), max_size=300))
def test_rounds_keep_the_order_and_their_bound(pairs: list[tuple[str, str]]) -> None:
    """No round has more than MAX_OF_ONE_ACCOUNT payments of one account."""
    batch = [paid(f"t{n}", sender=pays, receiver=gets) for n, (pays, gets) in enumerate(pairs)]

    found = list(rounds(batch))

    assert [one for some in found for one in some] == batch
    assert all(found)
    for some in found:
        assert max(Counter(one.sender_id for one in some).values()) <= MAX_OF_ONE_ACCOUNT
        assert max(Counter(one.receiver_id for one in some).values()) <= MAX_OF_ONE_ACCOUNT


def test_a_batch_of_many_accounts_is_one_round() -> None:
    """A round is a round trip: volume must not pay for what one account does."""
    batch = [paid(f"t{n}", sender=f"A{n}", receiver=f"B{n}") for n in range(500)]

    assert list(rounds(batch)) == [batch]


@dataclass
class Forgetful(SwitchedHistory):
    """A history that records, and can fail when payments are withheld."""

    told: list[str] = field(default_factory=list)

    @override
    def withhold(self, batch: Sequence[Withheld]) -> None:
        """Take payments out of the habits, or do not answer."""
        super().withhold(batch)
        self.told += [each.transaction.id for each in batch]

    @override
    def record(self, batch: Sequence[Transaction]) -> list[Snapshot]:
        """Record, always."""
        return self.behind.record(batch)


def test_a_history_that_did_not_hear_of_it_is_told_with_the_next_ones() -> None:
    """A verdict must not wait for Redis, and an attack must not become a habit after an outage."""
    history = Forgetful(away=True)
    decide = deciding(history)

    (declined,) = decide([paid("t1", 99_000_000, receiver="mule")], NOW)
    history.away = False
    decide([paid("t2", sender="another", receiver="else")], NOW)

    assert declined.verdict.decision is not Decision.APPROVE
    assert history.record([paid("t3")])[0].sender.payments == 0


def test_what_is_postponed_is_told_once() -> None:
    """A postponed payment must be withheld once, not with every later batch."""
    history = Forgetful(away=True)
    decide = deciding(history)
    decide([paid("t1", 99_000_000, receiver="mule")], NOW)
    history.away = False

    decide([paid("t2", sender="B", receiver="C")], NOW)
    decide([paid("t3", sender="B", receiver="C")], NOW)

    assert history.told == ["t1"]


@pytest.fixture(scope="module")
def redis_history() -> Iterator[RedisHistory]:
    """A history in a real Redis."""
    with (
        Redis() as server,
        closing(RedisHistory(server.settings["REDIS_URL"], WINDOW, timeout=5.0)) as history,
    ):
        yield history


def test_redis_decides_a_batch_as_memory_does(redis_history: RedisHistory) -> None:
    """The same payments, declined ones among them, through the real scripts."""
    batch = [
        paid(f"r-{n}", 4_999_999 if n % 3 else 20_000, sender="A", receiver=f"to-{n % 7}",
             ago=timedelta(seconds=600 - n), device=f"d-{n % 5}")
        for n in range(150)
    ]  # fmt: skip

    found = deciding(redis_history)(batch, NOW)

    assert found == one_by_one(deciding(fresh()), batch)
