"""Fields of the history, verified against a simple model: a list of payments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Channel, Rail, Transaction
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import Value
from risksentinel.rules.observation import Observation
from risksentinel.rules.spans import SPANS, span_fields
from tests.strategies import NOW

MONTH = timedelta(days=30)
A_DAY = timedelta(days=1)
_ages = st.sampled_from(
    [timedelta(seconds=seconds + moment) for seconds, _ in SPANS.values() for moment in (-1, 0, 1)]
) | st.timedeltas(-timedelta(minutes=7), timedelta(days=20)).map(
    lambda age: timedelta(seconds=int(age.total_seconds()))
)
_swaps = st.none() | st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def stories(draw: st.DrawFn) -> list[Transaction]:
    """Draw payments of few parties within weeks; the last one is made now."""
    count = draw(st.integers(1, 20))
    ages = [draw(_ages) for _ in range(count - 1)] + [timedelta(0)]
    return [_payment(draw, number, NOW - age) for number, age in enumerate(ages)]


def _payment(draw: st.DrawFn, number: int, at: datetime) -> Transaction:
    swap, added = draw(_swaps), draw(_swaps)
    return Transaction(
        id=f"t{number}",
        sender_id=draw(st.sampled_from("AB")),
        receiver_id=draw(st.sampled_from("ABC")),
        amount=Money.of_cents(draw(st.integers(1, 10**7))),
        channel=draw(st.sampled_from(Channel)),
        occurred_at=at,
        rail=draw(st.sampled_from([None, Rail.CASH, Rail.CARD])),
        device_id=draw(st.sampled_from([None, "phone", "tablet"])),
        sim_swapped_at=None if swap is None else at - swap,
        beneficiary_added_at=None if added is None else at - added,
    )


def observed(payments: Sequence[Transaction]) -> Observation:
    """Return the observation of the last payment."""
    snapshots = MemoryHistory(timedelta(seconds=300)).record(payments)
    return Observation(payments[-1], snapshots[-1])


def read(name: str, observation: Observation) -> Value | None:
    """Return the value of a field."""
    return FIELDS[name].read(observation)


def _inside(payments: Sequence[Transaction], span: timedelta) -> list[Transaction]:
    return [one for one in payments if NOW - span < one.occurred_at <= NOW + MAX_CLOCK_SKEW]


def _rand(payments: Sequence[Transaction]) -> Decimal:
    return sum((one.amount.amount for one in payments), Decimal(0))


def _largest(payments: Sequence[Transaction]) -> Decimal:
    return max((one.amount.amount for one in payments), default=Decimal(0))


def _of_flow(
    prefix: str, listed: Sequence[Transaction], span: str, *, pays: bool
) -> dict[str, Value]:
    """Return the expected fields of one flow and one span."""
    length = timedelta(seconds=SPANS[span][0])
    inside = _inside(listed, length)
    others = {one.receiver_id if pays else one.sender_id for one in inside}
    cash = [one for one in inside if one.rail is Rail.CASH]
    said: dict[str, Value] = {
        f"{prefix}count_{span}": len(inside),
        f"{prefix}sum_zar_{span}": _rand(inside),
        f"{prefix}largest_zar_{span}": _largest(inside),
        f"{prefix}{'beneficiaries' if pays else 'senders'}_{span}": len(others),
    }
    said[f"{prefix}cash_count_{span}"] = len(cash)
    said[f"{prefix}cash_sum_zar_{span}"] = _rand(cash)
    if not pays:
        first = {
            name: min(one.occurred_at for one in _inside(listed, MONTH) if one.sender_id == name)
            for name in {one.sender_id for one in _inside(listed, MONTH)}
        }
        said[f"{prefix}new_senders_{span}"] = sum(at > NOW - length for at in first.values())
    return said


@given(stories())
def test_fields_over_spans_equal_those_of_the_list(payments: list[Transaction]) -> None:
    """Count, sum, largest, parties, cash and new senders, of all three flows and five spans."""
    last = payments[-1]
    paid = [one for one in payments if one.sender_id == last.sender_id]
    got = [one for one in payments[:-1] if one.receiver_id == last.sender_id]
    received = [one for one in payments if one.receiver_id == last.receiver_id]

    said = {name: read(name, observed(payments)) for name, *_ in span_fields()}

    expected: dict[str, Value] = {}
    for span in SPANS:
        expected |= _of_flow("sender.", paid, span, pays=True)
        expected |= _of_flow("sender.received_", got, span, pays=False)
        expected |= _of_flow("receiver.", received, span, pays=False)
    assert said == expected


@given(stories())
def test_ages_are_those_of_the_list(payments: list[Transaction]) -> None:
    """Ages are seconds, never negative; a missing age is unknown, not 0."""
    last = payments[-1]
    mine = [one for one in payments[:-1] if one.sender_id == last.sender_id]
    theirs = [one for one in mine if one.receiver_id == last.receiver_id]
    got = [one for one in payments[:-1] if one.receiver_id == last.sender_id]
    observation = observed(payments)

    found = {
        "sender.since_first_seconds": _age(mine, first=True),
        "sender.since_last_seconds": _age(mine),
        "sender.since_received_seconds": _age(_inside(got, MONTH)),
        "beneficiary.since_first_paid_seconds": _age(theirs, first=True),
        "sender.since_sim_swap_seconds": _since(last.sim_swapped_at),
        "beneficiary.since_added_seconds": _since(last.beneficiary_added_at),
    }

    assert {name: read(name, observation) for name in found} == found


def _age(payments: Sequence[Transaction], *, first: bool = False) -> int | None:
    moments = sorted(one.occurred_at for one in payments)
    return _since(moments[0 if first else -1]) if moments else None


def _since(moment: datetime | None) -> int | None:
    return None if moment is None else max(0, int((NOW - moment).total_seconds()))


@given(stories())
def test_proportions_are_those_of_the_list(payments: list[Transaction]) -> None:
    """Amount / habit, and payments of about this amount to other beneficiaries."""
    last = payments[-1]
    mine = [one for one in payments[:-1] if one.sender_id == last.sender_id]
    day_ago = int(last.occurred_at.timestamp()) - 86_400
    settled = [one for one in mine if int(one.occurred_at.timestamp()) <= day_ago]
    amounts = [float(one.amount.amount) for one in settled]
    rand = float(last.amount.amount)
    observation = observed(payments)

    to_median, to_largest = (
        read(name, observation) for name in ("amount.to_median", "amount.to_largest")
    )

    if len(settled) < 5:
        assert (to_median, to_largest) == (None, None)
    else:
        assert to_median == pytest.approx(rand / median(amounts), rel=1e-3, abs=1e-3)
        assert to_largest == pytest.approx(rand / max(amounts), rel=1e-3, abs=1e-3)


@given(stories())
def test_paid_to_received_is_that_of_the_list(payments: list[Transaction]) -> None:
    """For an account that received nothing, the ratio is unknown."""
    last = payments[-1]
    paid = _inside([one for one in payments if one.sender_id == last.sender_id], A_DAY)
    got = _inside([one for one in payments[:-1] if one.receiver_id == last.sender_id], A_DAY)

    share = read("sender.paid_to_received_24h", observed(payments))

    expected = float(_rand(paid) / _rand(got)) if got else None
    assert share == (None if expected is None else pytest.approx(expected, rel=1e-6, abs=1e-4))


@given(st.lists(st.tuples(st.sampled_from("BCD"), st.integers(8_500, 11_500)), max_size=12))
def test_similar_payments_are_those_of_the_list(paid: list[tuple[str, int]]) -> None:
    """A regular amount goes to a new account; amounts within a tenth count as the same."""
    earlier = [
        Transaction(f"t{n}", "A", to, Money.of_cents(cents), Channel.POS, NOW - A_DAY)
        for n, (to, cents) in enumerate(paid)
    ]
    last = Transaction("last", "A", "B", Money.of_cents(10_000), Channel.POS, NOW)

    found = read("amount.similar_to_other_beneficiary", observed([*earlier, last]))

    alike = Counter(to for to, cents in paid if to != "B" and 9_000 <= cents <= 11_000)
    assert found == max(alike.values(), default=0)


@given(stories())
def test_a_device_is_new_for_a_day(payments: list[Transaction]) -> None:
    """The device of a takeover must still be new the next morning."""
    last = payments[-1]
    firsts = [
        one.occurred_at
        for one in payments[:-1]
        if one.sender_id == last.sender_id and one.device_id == last.device_id
    ]

    found = read("device.is_new_for_sender", observed(payments))

    new = not firsts or NOW - min(firsts) < A_DAY
    assert found is (None if last.device_id is None else new)


@given(stories())
def test_without_a_history_its_fields_are_unknown(payments: list[Transaction]) -> None:
    """An unknown value is neither 0 nor false."""
    observation = replace(observed(payments), snapshot=None)

    said = {name: field.read(observation) for name, field in FIELDS.items() if field.from_history}

    assert set(said.values()) == {None}
