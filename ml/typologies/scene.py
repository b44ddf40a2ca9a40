"""Scene: the people, accounts and day of one fraud."""

from collections.abc import Sequence
from dataclasses import dataclass

from ml.population import Business, Chance, Drawn, Payee, Person, Town, rail_of
from risksentinel.domain.transaction import Channel


@dataclass(frozen=True, slots=True)
class Scene:
    """A victim, a day, and the accounts of mules; `case` is the number of the fraud."""

    town: Town
    victim: Person
    business: Business
    others: Sequence[Person]
    day: int
    case: int

    def mule(self, number: int = 0) -> str:
        """An account without earlier payments."""
        return f"mule-{self.case}-{number}"

    def hour(self, first: float, last: float, chance: Chance) -> float:
        """A time of the scene's day."""
        return float(24 * self.day + chance.uniform(first, last))

    def shop(self, chance: Chance) -> Payee:
        """A random shop of the town."""
        return self.town.shops[int(chance.integers(len(self.town.shops)))]

    def order(
        self,
        hour: float,
        rand: float,
        channel: Channel | None = None,
        *,
        sender: Person | None = None,
        receiver: str | None = None,
    ) -> Drawn:
        """A remote order to a beneficiary that was saved minutes before; by default to the mule."""
        payer = self.victim if sender is None else sender
        by = payer.channel if channel is None else channel
        return Drawn(
            hour=hour,
            sender=payer.name,
            receiver=receiver or self.mule(),
            rand=float(rand),
            channel=by,
            rail=rail_of(by),
            device=payer.device,
            beneficiary_added=hour - 0.1,
        )
