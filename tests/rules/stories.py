"""Stories: sequences of payments, and the observation of the last one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.money import Money
from risksentinel.domain.named_list import Entry, Memberships, fold, listable_texts
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.observation import Observation
from tests.strategies import NOW

WINDOW: Final = timedelta(seconds=300)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Pay:
    """One payment of a story: by `me` to a shop at noon, `ago` before the last one."""

    rand: str = "250.00"
    to: str = "shop"
    ago: timedelta = timedelta(0)
    by: str = "me"
    channel: Channel = Channel.MOBILE_BANKING
    rail: Rail | None = Rail.PAYSHAP
    trade: str | None = None
    country: str | None = None
    device: str | None = None
    swapped: timedelta | None = None  # time before the payment
    added: timedelta | None = None  # time before the payment when the beneficiary was saved

    def transaction(self, number: int, end: datetime = NOW) -> Transaction:
        """Return the transaction in a story that ends at this time."""
        at = end - self.ago
        return Transaction(
            id=f"t{number}",
            sender_id=self.by,
            receiver_id=self.to,
            amount=Money.parse(self.rand),
            channel=self.channel,
            occurred_at=at,
            rail=self.rail,
            merchant_category=self.trade,
            receiver_country=self.country,
            device_id=self.device,
            sim_swapped_at=None if self.swapped is None else at - self.swapped,
            beneficiary_added_at=None if self.added is None else at - self.added,
        )


@dataclass(frozen=True)
class Story:
    """Payments in order; rules evaluate the last one."""

    pays: tuple[Pay, ...]
    end: datetime = NOW
    listed: tuple[tuple[str, str], ...] = ()

    @property
    def observed(self) -> Observation:
        """Return the observation of the last payment."""
        payments = [pay.transaction(n, self.end) for n, pay in enumerate(self.pays)]
        snapshots = MemoryHistory(WINDOW).record(payments)
        return Observation(payments[-1], snapshots[-1], self._memberships(payments[-1]))

    def on(self, name: str, value: str) -> "Story":
        """Return the story with a value on a list."""
        return replace(self, listed=(*self.listed, (name, value)))

    def _memberships(self, payment: Transaction) -> Memberships:
        asked = tuple({fold(text) for text in listable_texts(payment) if text is not None})
        entries: dict[tuple[str, str], Entry | None] = {
            (name, fold(value)): Entry(value, "why", "who", NOW) for name, value in self.listed
        }
        return Memberships({"block", "mule", "allow", "own"}, asked, entries)

    def but(self, change: Callable[[Pay], Pay]) -> "Story":
        """Return the story with another last payment."""
        return replace(self, pays=(*self.pays[:-1], change(self.pays[-1])))

    def each(self, change: Callable[[Pay], Pay]) -> "Story":
        """Return the story with every payment changed."""
        return replace(self, pays=tuple(change(pay) for pay in self.pays))

    def without(self, count: int) -> "Story":
        """Return the story without its first payments."""
        return replace(self, pays=self.pays[count:])


def story(*pays: Pay | Sequence[Pay], end: datetime = NOW) -> Story:
    """Return the story of these payments or lists of payments."""
    flat: list[Pay] = []
    for each in pays:
        flat += [each] if isinstance(each, Pay) else each
    return Story(tuple(flat), end)


def habits(count: int = 10, rand: str = "200.00", to: str = "shop") -> list[Pay]:
    """Return equal payments of a usual month, the last one a day before the end."""
    return [Pay(rand, to, ago=DAY * (count - n) * 2, device="my-phone") for n in range(count)]


class By:
    """Changes of the last payment, by the name of the field."""

    @staticmethod
    def rand(rand: str) -> Callable[[Pay], Pay]:
        """Another amount."""
        return lambda pay: replace(pay, rand=rand)

    @staticmethod
    def to(to: str) -> Callable[[Pay], Pay]:
        """Another receiver."""
        return lambda pay: replace(pay, to=to)

    @staticmethod
    def channel(channel: Channel) -> Callable[[Pay], Pay]:
        """Another channel."""
        return lambda pay: replace(pay, channel=channel)

    @staticmethod
    def rail(rail: Rail | None) -> Callable[[Pay], Pay]:
        """Another rail."""
        return lambda pay: replace(pay, rail=rail)

    @staticmethod
    def trade(trade: str | None) -> Callable[[Pay], Pay]:
        """Another merchant's category."""
        return lambda pay: replace(pay, trade=trade)

    @staticmethod
    def country(country: str | None) -> Callable[[Pay], Pay]:
        """Another country."""
        return lambda pay: replace(pay, country=country)

    @staticmethod
    def device(device: str | None) -> Callable[[Pay], Pay]:
        """Another device."""
        return lambda pay: replace(pay, device=device)

    @staticmethod
    def added(added: timedelta | None) -> Callable[[Pay], Pay]:
        """Another time at which the beneficiary was saved."""
        return lambda pay: replace(pay, added=added)

    @staticmethod
    def swapped(swapped: timedelta | None) -> Callable[[Pay], Pay]:
        """Another time of the SIM swap."""
        return lambda pay: replace(pay, swapped=swapped)
