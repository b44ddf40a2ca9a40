"""Flow: one side of an account over the last 30 days, payment by payment, as windows count it.

Every payment counts in a flow, also one that was declined or is under review: an attack is counted
while it lasts. An account has two flows, of what it paid and of what it was paid.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from risksentinel.domain.party_state import channel_code, rail_code
from risksentinel.domain.transaction import LARGEST_CLOCK_SKEW, Rail, Transaction

# When (microseconds since 1970), cents, the other account, the payment's identity (4 bytes of a
# digest each), the channel and the rail (a number each, 0 for none). Little-endian.
ENTRY: Final = Struct("<QQIIBB")
_BEFORE_PARTY: Final = Struct("<QQ")
MAX_PAID: Final = 512  # entries of what an account paid; beyond them windows say "at least"
MAX_RECEIVED: Final = 256  # likewise of what it was paid: fan-in needs no more
REACH_SECONDS: Final = 30 * 86_400
# A day more is kept than windows reach: a payment that comes up to a day late finds its own whole.
KEPT_SECONDS: Final = REACH_SECONDS + 86_400
MICROSECONDS: Final = 1_000_000
IDENTITY: Final = slice(20, 24)  # where an entry has it

# Two clocks may differ by five minutes: a payment that came before, dated so much ahead, counts.
_AHEAD: Final = int(LARGEST_CLOCK_SKEW.total_seconds()) * MICROSECONDS
_CASH: Final = rail_code(Rail.CASH)
_AT, _CENTS, _PARTY, _RAIL = 0, 1, 2, 5
Entry = tuple[int, int, int, int, int, int]


def microsecond_of(payment: Transaction) -> int:
    """When the payment was made, in microseconds since 1970."""
    moment = payment.occurred_at
    return int(moment.timestamp()) * MICROSECONDS + moment.microsecond


def microsecond_in(entry: bytes) -> int:
    """When the payment of an entry was made, likewise."""
    return int.from_bytes(entry[:8], "little")


def flow_around_party(payment: Transaction, itself: bytes, at: int) -> tuple[bytes, bytes]:
    """What stands before and after the other account's digest in a payment's entry.

    `itself` is the payment's digest, `at` its microsecond.
    """
    codes = bytes((channel_code(payment.channel), rail_code(payment.rail)))
    return _BEFORE_PARTY.pack(at, payment.amount.cents), itself + codes


@dataclass(frozen=True, slots=True)
class Window:
    """What a flow holds in one span: numbers of payments and of other accounts, and cents."""

    count: int
    cents: int
    largest: int
    parties: int
    cash_count: int
    cash_cents: int


_EMPTY: Final = Window(0, 0, 0, 0, 0, 0)


@dataclass(slots=True, unsafe_hash=True)  # not frozen: what was counted is kept for the next rule
class Flow:
    """`entries` as they came; `at` is the moment that the windows end with, in microseconds.

    A window of n seconds holds what is dated after `at` - n seconds, and at most five minutes
    after `at`: in order of time nothing is dated later, out of order a clock's skew hides nothing.
    """

    entries: bytes
    at: int
    _ordered: list[Entry] | None = field(default=None, init=False, repr=False, compare=False)
    _windows: dict[int, Window] | None = field(default=None, init=False, repr=False, compare=False)

    def window(self, seconds: int) -> Window:
        """Count the payments of so many seconds, at most 30 days."""
        windows = self._windows
        if windows is None:
            windows = self._windows = {}
        found = windows.get(seconds)
        if found is None:
            found = windows[seconds] = self._counted(seconds)
        return found

    def _counted(self, seconds: int) -> Window:
        if len(self.entries) == ENTRY.size:  # most accounts, most of the time
            return _of_one(ENTRY.unpack(self.entries), self.at, seconds)
        inside = self.within(seconds)
        amounts = [one[_CENTS] for one in inside]
        cash = [one[_CENTS] for one in inside if one[_RAIL] == _CASH]
        parties = len({one[_PARTY] for one in inside})
        largest = max(amounts, default=0)
        return Window(len(amounts), sum(amounts), largest, parties, len(cash), sum(cash))

    def within(self, seconds: int) -> Sequence[Entry]:
        """The payments of so many seconds, in order of time."""
        entries = self._ordered
        if entries is None:
            entries = self._ordered = sorted(ENTRY.iter_unpack(self.entries))
        since, until = self.at - seconds * MICROSECONDS, self.at + _AHEAD
        if entries and since < entries[0][_AT] and entries[-1][_AT] <= until:
            return entries
        first = bisect_right(entries, since, key=_time_of)
        return entries[first : bisect_right(entries, until, first, key=_time_of)]

    def new_parties(self, seconds: int) -> int:
        """The other accounts whose first payment of the last 30 days lies in so many seconds."""
        since = self.at - seconds * MICROSECONDS
        first: dict[int, int] = {}
        for one in self.within(REACH_SECONDS):
            first.setdefault(one[_PARTY], one[_AT])
        return sum(1 for at in first.values() if at > since)

    @property
    def since_last(self) -> int | None:
        """Seconds since the latest payment; 0 where one is dated ahead, None without any."""
        inside = self.within(REACH_SECONDS)
        return max(0, self.at - inside[-1][_AT]) // MICROSECONDS if inside else None


NO_FLOW: Final = Flow(b"", 0)


def _of_one(one: Entry, at: int, seconds: int) -> Window:
    if not at - seconds * MICROSECONDS < one[_AT] <= at + _AHEAD:
        return _EMPTY
    cents = one[_CENTS]
    return (
        Window(1, cents, cents, 1, 1, cents)
        if one[_RAIL] == _CASH
        else Window(1, cents, cents, 1, 0, 0)
    )


def _time_of(entry: Entry) -> int:
    return entry[_AT]
