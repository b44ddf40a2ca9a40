"""Stories: payments one after the other, and what rules see of the last one."""

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
    """One payment of a story: by me to a shop at noon, so long before the last one."""

    rand: str = "250.00"
    to: str = "shop"
    ago: timedelta = timedelta(0)
    by: str = "me"
    channel: Channel = Channel.MOBILE_BANKING
    rail: Rail | None = Rail.PAYSHAP
    trade: str | None = None
    country: str | None = None
    device: str | None = None
    swapped: timedelta | None = None  # so long before the payment
    added: timedelta | None = None  # the beneficiary was saved, likewise

    def transaction(self, number: int, end: datetime = NOW) -> Transaction:
        """The whole payment, in a story that ends then."""
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
    """Payments in their order; rules look at the last one."""

    pays: tuple[Pay, ...]
    end: datetime = NOW
    listed: tuple[tuple[str, str], ...] = ()

    @property
    def observed(self) -> Observation:
        """The last payment, with its history."""
        payments = [pay.transaction(n, self.end) for n, pay in enumerate(self.pays)]
        snapshots = MemoryHistory(WINDOW).record(payments)
        return Observation(payments[-1], snapshots[-1], self._memberships(payments[-1]))

    def on(self, name: str, value: str) -> "Story":
        """The same story with a value on a list."""
        return replace(self, listed=(*self.listed, (name, value)))

    def _memberships(self, payment: Transaction) -> Memberships:
        asked = tuple({fold(text) for text in listable_texts(payment) if text is not None})
        entries: dict[tuple[str, str], Entry | None] = {
            (name, fold(value)): Entry(value, "why", "who", NOW) for name, value in self.listed
        }
        return Memberships({"block", "mule", "allow", "own"}, asked, entries)

    def but(self, change: Callable[[Pay], Pay]) -> "Story":
        """The same story with another last payment."""
        return replace(self, pays=(*self.pays[:-1], change(self.pays[-1])))

    def each(self, change: Callable[[Pay], Pay]) -> "Story":
        """The same story with every payment changed."""
        return replace(self, pays=tuple(change(pay) for pay in self.pays))

    def without(self, count: int) -> "Story":
        """The same story without its first payments."""
        return replace(self, pays=self.pays[count:])


def story(*pays: Pay | Sequence[Pay], end: datetime = NOW) -> Story:
    """The payments, which may come as lists, in this order."""
    flat: list[Pay] = []
    for each in pays:
        flat += [each] if isinstance(each, Pay) else each
    return Story(tuple(flat), end)


def habits(count: int = 10, rand: str = "200.00", to: str = "shop") -> list[Pay]:
    """Payments of a usual month, the last one a day before the end; all alike."""
    return [Pay(rand, to, ago=DAY * (count - n) * 2, device="my-phone") for n in range(count)]


class By:
    """Changes of a last payment, by the field's name."""

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
