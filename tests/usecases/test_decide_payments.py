"""A batch is decided as its payments one by one, in memory and in Redis."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision
from tests.strategies import NOW
from tests.usecases.decide_bench import WINDOW, deciding, fresh, one_by_one, paid, usual_life

A_DAY = timedelta(days=1)


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
