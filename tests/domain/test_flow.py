"""Windows of a flow, verified against a simple model: a list of payments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.account_side import AccountSide, Bounds, Recording
from risksentinel.domain.flow import (
    ENTRY,
    KEPT_SECONDS,
    MAX_PAID,
    MAX_RECEIVED,
    MICROSECONDS,
    REACH_SECONDS,
    Flow,
    Window,
    microsecond_of,
)
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Channel, Rail, Transaction
from risksentinel.rules.spans import SPANS
from tests.strategies import NOW

A_MOMENT = timedelta(microseconds=1)
SECONDS = [seconds for seconds, _ in SPANS.values()]
_edges = [
    timedelta(seconds=seconds) + moment * A_MOMENT for seconds in SECONDS for moment in (-1, 0, 1)
]
_ages = st.sampled_from(
    [*_edges, timedelta(0), -MAX_CLOCK_SKEW, -MAX_CLOCK_SKEW - A_MOMENT]
) | st.timedeltas(-timedelta(minutes=9), timedelta(days=31))


@dataclass(frozen=True)
class Paid:
    """One payment of the account: age in seconds, and cents."""

    age: timedelta
    cents: int
    receiver: str
    rail: Rail | None

    def payment(self, number: int = 0) -> Transaction:
        """Return the transaction."""
        at = NOW - self.age
        amount = Money.of_cents(self.cents)
        itself = f"t{number}"
        return Transaction(itself, "A", self.receiver, amount, Channel.ATM, at, self.rail)


lists = st.lists(
    st.builds(
        Paid,
        _ages,
        st.integers(0, 10**9),
        st.sampled_from(["B", "C", "D"]),
        st.sampled_from([None, Rail.CASH, Rail.EFT]),
    ),
    max_size=25,
)


def flow_of(paid: Sequence[Paid], bounds: Bounds | None = None) -> Flow:
    """Return the sender's flow after the payments were recorded in this order."""
    side = AccountSide()
    for number, each in enumerate(paid):
        side = side.recorded(Recording.both(each.payment(number), bounds or Bounds())[0])
    return Flow(side.flow, int(NOW.timestamp()) * MICROSECONDS)


def inside(paid: Sequence[Paid], seconds: int) -> list[Paid]:
    """Return the payments in a window of `seconds`."""
    return [one for one in paid if -MAX_CLOCK_SKEW <= one.age < timedelta(seconds=seconds)]


def within_reach(paid: Sequence[Paid]) -> list[Paid]:
    """Return the payments that a flow stores: the oldest are removed after 31 days."""
    reach = timedelta(seconds=KEPT_SECONDS)
    kept: list[Paid] = []
    for each in paid:
        kept.append(each)
        while kept[0].age >= each.age + reach:
            kept.pop(0)
    return kept


@given(lists, st.sampled_from(SECONDS))
@example([Paid(timedelta(seconds=300), 100, "B", None)], 300)
@example([Paid(timedelta(seconds=300) - A_MOMENT, 100, "B", None)], 300)
@example([Paid(-MAX_CLOCK_SKEW, 100, "B", Rail.CASH)], 300)
@example(
    [Paid(timedelta(days=30) - A_MOMENT, 1, "B", None), Paid(-A_MOMENT, 1, "B", None)],
    REACH_SECONDS,
)
@example([Paid(-MAX_CLOCK_SKEW - A_MOMENT, 100, "B", Rail.CASH)], 300)
def test_a_window_equals_that_of_a_list(paid: list[Paid], seconds: int) -> None:
    """Late, early and simultaneous payments, and payments at the edges, must count correctly."""
    window = flow_of(paid).window(seconds)

    held = inside(paid, seconds)
    cash = [one.cents for one in held if one.rail is Rail.CASH]
    assert window == Window(
        count=len(held),
        cents=sum(one.cents for one in held),
        largest=max((one.cents for one in held), default=0),
        parties=len({one.receiver for one in held}),
        cash_count=len(cash),
        cash_cents=sum(cash),
    )


@given(lists, st.sampled_from(SECONDS))
def test_new_parties_are_those_first_paid_within_the_window(paid: list[Paid], seconds: int) -> None:
    """An account that paid last week is not new; payments older than 30 days do not count."""
    found = flow_of(paid).new_parties(seconds)

    oldest: dict[str, timedelta] = {}
    for one in inside(paid, REACH_SECONDS):
        oldest[one.receiver] = max(one.age, oldest.get(one.receiver, one.age))
    assert found == sum(age < timedelta(seconds=seconds) for age in oldest.values())


@given(lists)
def test_since_last_is_the_age_of_the_latest_payment(paid: list[Paid]) -> None:
    """The age of a payment dated ahead is 0, and an account without payments has no age."""
    found = flow_of(paid).since_last

    ages = [one.age for one in inside(paid, REACH_SECONDS)]
    latest = max(timedelta(0), min(ages)) // timedelta(seconds=1) if ages else None
    assert found == latest


@given(lists.flatmap(lambda paid: st.tuples(st.just(paid), st.permutations(paid))))
def test_windows_do_not_depend_on_the_order_of_arrival(
    orders: tuple[list[Paid], list[Paid]],
) -> None:
    """Queues and retries change the order of payments, which must not hide fraud."""
    straight, shuffled = flow_of(orders[0]), flow_of(orders[1])

    assert [straight.window(n) for n in SECONDS] == [shuffled.window(n) for n in SECONDS]
    assert [straight.new_parties(n) for n in SECONDS] == [shuffled.new_parties(n) for n in SECONDS]
    assert straight.since_last == shuffled.since_last


@given(lists, st.integers(1, 10))
def test_above_its_limit_a_window_counts_a_minimum(paid: list[Paid], bound: int) -> None:
    """The latest arrivals are stored, so that a count is never too large."""
    window = flow_of(paid, Bounds(paid=bound)).window(REACH_SECONDS)

    held = inside(within_reach(paid)[-bound:], REACH_SECONDS)
    assert (window.count, window.cents) == (len(held), sum(one.cents for one in held))
    assert window.count <= min(bound, len(inside(paid, REACH_SECONDS)))


def test_a_full_flow_keeps_its_documented_bounds() -> None:
    """The documented memory of an account is 26 bytes for each payment."""
    paying, receiving = AccountSide(), AccountSide()
    for number in range(MAX_PAID + 10):
        payment = Paid(timedelta(0), 100, "B", None).payment(number)
        as_paid, as_received = Recording.both(payment, Bounds())
        paying, receiving = paying.recorded(as_paid), receiving.recorded(as_received)

    assert len(paying.flow) == MAX_PAID * ENTRY.size == 512 * 26
    assert len(receiving.flow) == MAX_RECEIVED * ENTRY.size == 256 * 26


@given(st.integers(0, 10**15 - 1))
def test_a_time_keeps_its_microseconds(micros: int) -> None:
    """The edges of a window are exact to the microsecond."""
    at = NOW + timedelta(microseconds=micros % 10**9)

    payment = Transaction("t", "A", "B", Money.of_cents(1), Channel.POS, at)

    seconds, rest = divmod(microsecond_of(payment), MICROSECONDS)
    assert (seconds, rest) == (int(at.timestamp()), at.microsecond)


@given(
    ages=st.lists(_ages, max_size=8) | st.lists(_ages, min_size=30, max_size=60),
    in_order=st.booleans(),
    asked=st.lists(st.sampled_from(SECONDS), min_size=1, max_size=6),
)
def test_payments_are_read_in_order_of_time_however_they_arrived(
    ages: list[timedelta],
    in_order: bool,  # noqa: FBT001 - a case
    asked: list[int],
) -> None:
    """A flow reads only its latest entries while they arrived in order, and more if asked again."""
    if in_order:
        ages = sorted(ages, reverse=True)
    paid = [Paid(age, 100, "B", None).payment(number) for number, age in enumerate(ages)]
    entries = [Recording.both(each, Bounds())[0].flowing for each in paid]
    at = microsecond_of(Paid(timedelta(0), 100, "B", None).payment())
    flow = Flow(b"".join(entries), at)
    latest = at + MAX_CLOCK_SKEW // A_MOMENT

    for seconds in asked:
        inside = [
            one
            for one in map(ENTRY.unpack, entries)
            if at - seconds * MICROSECONDS < one[0] <= latest
        ]
        assert list(flow.within(seconds)) == sorted(inside)
