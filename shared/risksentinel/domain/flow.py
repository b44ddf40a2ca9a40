"""Flow: one side of an account over the last 30 days, payment by payment, as windows count it.

Every payment counts in a flow, also one that was declined or is under review: an attack is counted
while it lasts. An account has two flows, of what it paid and of what it was paid.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from struct import Struct
from typing import Final

from risksentinel.domain.party_state import channel_code, party_digest, payment_digest
from risksentinel.domain.transaction import LARGEST_CLOCK_SKEW, Rail, Transaction

# When (microseconds since 1970), cents, the other account, the payment's identity (4 bytes of a
# digest each), the channel and the rail (a number each, 0 for none). Little-endian.
ENTRY: Final = Struct("<QQIIBB")
MAX_PAID: Final = 512  # entries of what an account paid; beyond them windows say "at least"
MAX_RECEIVED: Final = 256  # likewise of what it was paid: fan-in needs no more
REACH_SECONDS: Final = 30 * 86_400
MICROSECONDS: Final = 1_000_000
IDENTITY: Final = slice(20, 24)  # where an entry has it

# Two clocks may differ by five minutes: a payment that came before, dated so much ahead, counts.
_AHEAD: Final = int(LARGEST_CLOCK_SKEW.total_seconds()) * MICROSECONDS
_RAILS: Final = {rail: number for number, rail in enumerate(Rail, 1)}
_CASH: Final = _RAILS[Rail.CASH]
_AT, _CENTS, _PARTY, _RAIL = 0, 1, 2, 5
Entry = tuple[int, int, int, int, int, int]


def microsecond_of(payment: Transaction) -> int:
    """When the payment was made, in microseconds since 1970."""
    moment = payment.occurred_at
    return int(moment.timestamp()) * MICROSECONDS + moment.microsecond


def flow_entry(payment: Transaction, counterparty: str) -> bytes:
    """A payment as the flow of one of its two accounts keeps it."""
    return ENTRY.pack(
        microsecond_of(payment),
        payment.amount.cents,
        int.from_bytes(party_digest(counterparty), "little"),
        int.from_bytes(payment_digest(payment), "little"),
        channel_code(payment.channel),
        0 if payment.rail is None else _RAILS[payment.rail],
    )


@dataclass(frozen=True, slots=True)
class Window:
    """What a flow holds in one span: numbers of payments and of other accounts, and cents."""

    count: int
    cents: int
    largest: int
    parties: int
    cash_count: int
    cash_cents: int


@dataclass(frozen=True)  # no slots: a window that was counted is kept for the next rule
class Flow:
    """`entries` as they came; `at` is the moment that the windows end with, in microseconds.

    A window of n seconds holds what is dated after `at` - n seconds, and at most five minutes
    after `at`: in order of time nothing is dated later, out of order a clock's skew hides nothing.
    """

    entries: bytes
    at: int
    _windows: dict[int, Window] = field(default_factory=dict, repr=False, compare=False)
    _inside: dict[int, list[Entry]] = field(default_factory=dict, repr=False, compare=False)

    def window(self, seconds: int) -> Window:
        """Count the payments of so many seconds, at most 30 days."""
        found = self._windows.get(seconds)
        if found is None:
            found = self._windows[seconds] = _counted(self.within(seconds))
        return found

    def within(self, seconds: int) -> list[Entry]:
        """The payments of so many seconds, as they came."""
        found = self._inside.get(seconds)
        if found is None:
            since, until = self.at - seconds * MICROSECONDS, self.at + _AHEAD
            found = [one for one in ENTRY.iter_unpack(self.entries) if since < one[_AT] <= until]
            self._inside[seconds] = found
        return found

    def new_parties(self, seconds: int) -> int:
        """The other accounts whose first payment of the last 30 days lies in so many seconds."""
        since = self.at - seconds * MICROSECONDS
        first: dict[int, int] = {}
        for one in self.within(REACH_SECONDS):
            first[one[_PARTY]] = min(one[_AT], first.get(one[_PARTY], one[_AT]))
        return sum(1 for at in first.values() if at > since)

    def knows(self, party: int) -> bool:
        """Whether the other account is among the payments of the last 30 days."""
        return any(one[_PARTY] == party for one in self.within(REACH_SECONDS))

    @property
    def since_last(self) -> int | None:
        """Seconds since the latest payment; 0 where one is dated ahead, None without any."""
        latest = max((one[_AT] for one in self.within(REACH_SECONDS)), default=None)
        return None if latest is None else max(0, self.at - latest) // MICROSECONDS


NO_FLOW: Final = Flow(b"", 0)


def _counted(inside: Iterable[Entry]) -> Window:
    count = cents = largest = cash_count = cash_cents = 0
    parties = set()
    for at_cents in inside:
        amount = at_cents[_CENTS]
        count += 1
        cents += amount
        largest = max(largest, amount)
        parties.add(at_cents[_PARTY])
        if at_cents[_RAIL] == _CASH:
            cash_count += 1
            cash_cents += amount
    return Window(count, cents, largest, len(parties), cash_count, cash_cents)
