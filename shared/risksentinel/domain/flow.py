"""Flow: the payments of one side of an account over the last 30 days, for counting windows.

Every payment counts in a flow, also a declined one or one under review, so that an attack counts
while it lasts. An account has two flows: as payer and as payee.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from struct import Struct
from typing import Final, Self

from risksentinel.domain.party_state import channel_code, rail_code
from risksentinel.domain.transaction import MAX_CLOCK_SKEW, Rail, Transaction

# Time (microseconds since 1970), cents, the other account, the payment's identity (4 bytes of a
# digest each), the channel and the rail (a number each, 0 for none). Little-endian.
ENTRY: Final = Struct("<QQIIBB")
_BEFORE_PARTY: Final = Struct("<QQ")
_TIME: Final = Struct("<Q18x")  # of an entry, without the rest of it
_AT_ONCE: Final = 16
_TIMES: Final = Struct("<" + _AT_ONCE * "Q18x")
_SHORT: Final = 32 * ENTRY.size  # up to here it takes less time to read all entries at once
MAX_PAID: Final = 512  # entries of an account as payer; with more of them, windows count a minimum
MAX_RECEIVED: Final = 256  # entries of an account as payee: fan-in needs no more
REACH_SECONDS: Final = 30 * 86_400
# Flows cover one day more than windows, so that windows of a payment that arrives up to a day late
# are complete.
KEPT_SECONDS: Final = REACH_SECONDS + 86_400
MICROSECONDS: Final = 1_000_000
IDENTITY: Final = slice(20, 24)  # offset in an entry

# Clocks may differ by five minutes: an earlier payment that is dated up to that much ahead counts.
_AHEAD: Final = int(MAX_CLOCK_SKEW.total_seconds()) * MICROSECONDS
_CASH: Final = rail_code(Rail.CASH)
_AT, _CENTS, _PARTY, _RAIL = 0, 1, 2, 5
Entry = tuple[int, int, int, int, int, int]


def microsecond_of(payment: Transaction) -> int:
    """Return when the payment was made, in microseconds since 1970."""
    moment = payment.occurred_at
    return int(moment.timestamp()) * MICROSECONDS + moment.microsecond


def microsecond_in(entry: bytes) -> int:
    """Return when the payment of an entry was made, in microseconds since 1970."""
    return int.from_bytes(entry[:8], "little")


def flow_around_party(payment: Transaction, itself: bytes, at: int) -> tuple[bytes, bytes]:
    """Return the bytes before and after the other account's digest in a payment's entry.

    `itself` is the payment's digest, `at` its time in microseconds since 1970.
    """
    codes = bytes((channel_code(payment.channel), rail_code(payment.rail)))
    return _BEFORE_PARTY.pack(at, payment.amount.cents), itself + codes


@dataclass(slots=True, unsafe_hash=True)  # not frozen, for speed: several are made for each payment
class Window:
    """Numbers of payments and of other accounts in one span of a flow, and the sum in cents."""

    count: int
    cents: int
    largest: int
    parties: int
    cash_count: int
    cash_cents: int


_EMPTY: Final = Window(0, 0, 0, 0, 0, 0)


@dataclass(slots=True, unsafe_hash=True)  # not frozen: counted windows are cached for the next rule
class Flow:
    """`entries` in order of arrival; `at` is the end of the windows, in microseconds since 1970.

    A window of n seconds contains the payments that are dated after `at` - n seconds and at most
    five minutes after `at`, so that a difference of clocks hides no payment.
    """

    entries: bytes
    at: int
    _times: list[int] | None = field(default=None, init=False, repr=False, compare=False)
    _latest: Sequence[Entry] = field(default=(), init=False, repr=False, compare=False)
    _windows: dict[int, Window] | None = field(default=None, init=False, repr=False, compare=False)
    _figures: dict[str, int | None] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    @classmethod
    def known(cls, windows: Mapping[int, Window], figures: Mapping[str, int | None]) -> Self:
        """Return a flow without entries, for which these were counted before."""
        flow = cls(b"", 0)
        flow._windows, flow._figures = dict(windows), dict(figures)
        return flow

    def window(self, seconds: int) -> Window:
        """Count the payments of the last `seconds`, at most 30 days."""
        windows = self._windows
        if windows is None:
            windows = self._windows = {}
        found = windows.get(seconds)
        if found is None:
            found = windows[seconds] = self._counted(seconds)
        return found

    def _counted(self, seconds: int) -> Window:
        if len(self.entries) == ENTRY.size:  # the most frequent case
            return _of_one(ENTRY.unpack(self.entries), self.at, seconds)
        inside = self.within(seconds)
        amounts = [one[_CENTS] for one in inside]
        cash = [one[_CENTS] for one in inside if one[_RAIL] == _CASH]
        parties = len({one[_PARTY] for one in inside})
        largest = max(amounts, default=0)
        return Window(len(amounts), sum(amounts), largest, parties, len(cash), sum(cash))

    def within(self, seconds: int) -> Sequence[Entry]:
        """Return the payments of the last `seconds`, in order of time."""
        since, until = self.at - seconds * MICROSECONDS, self.at + _AHEAD
        times = self._times
        if times is None:
            times = self._times = self._read_times()
        first, unread = bisect_right(times, since), len(times) - len(self._latest)
        if first < unread:  # entries in the order of their times
            some = self.entries[first * ENTRY.size : unread * ENTRY.size]
            self._latest = [*sorted(ENTRY.iter_unpack(some)), *self._latest]
            unread = first
        if times and times[-1] > until:
            return self._latest[first - unread : bisect_right(times, until, first) - unread]
        return self._latest[first - unread :] if first > unread else self._latest

    def _read_times(self) -> list[int]:
        """Return the times in order; read all entries if few, or if not in order of time."""
        if len(self.entries) > _SHORT:
            times = _times_in(self.entries)
            ordered = sorted(times)
            if times == ordered:
                return ordered
        self._latest = sorted(ENTRY.iter_unpack(self.entries))
        return [one[_AT] for one in self._latest]

    @property
    def counted(self) -> Mapping[int, Window]:
        """The windows that were counted, by their seconds."""
        return self._windows or {}

    @property
    def figures(self) -> Mapping[str, int | None]:
        """The other figures that were computed, by name."""
        return self._figures or {}

    def new_parties(self, seconds: int) -> int:
        """Count the other accounts whose first payment of 30 days is in the last `seconds`."""
        return self._figure(f"new_parties_{seconds}", lambda: self._new_parties(seconds)) or 0

    @property
    def since_last(self) -> int | None:
        """Return seconds since the latest payment; 0 if dated ahead, None without a payment."""
        return self._figure("since_last", self._since_last)

    def _figure(self, name: str, compute: Callable[[], int | None]) -> int | None:
        figures = self._figures
        if figures is None:
            figures = self._figures = {}
        if name not in figures:
            figures[name] = compute()
        return figures[name]

    def _new_parties(self, seconds: int) -> int:
        since = self.at - seconds * MICROSECONDS
        first: dict[int, int] = {}
        for one in self.within(REACH_SECONDS):
            first.setdefault(one[_PARTY], one[_AT])
        return sum(1 for at in first.values() if at > since)

    def _since_last(self) -> int | None:
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


def _times_in(entries: bytes) -> list[int]:
    """Return the time of each entry: most windows are short, and read few of the entries."""
    odd = len(entries) % _TIMES.size
    times = [at for (at,) in _TIME.iter_unpack(entries[:odd])]
    times.extend(chain.from_iterable(_TIMES.iter_unpack(entries[odd:])))
    return times
