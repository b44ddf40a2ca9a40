"""Cash: structuring below the reporting threshold, and cash that is sent to phones."""

from collections.abc import Iterator
from dataclasses import replace

from ml.population import Chance, Drawn
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def structuring(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Cash split within a day so that no payment reaches the threshold of the FIC Act."""
    start = scene.hour(8, 11, chance)
    for step in range(int(chance.integers(3, 6))):
        rand = float(chance.uniform(18_000, 49_900))
        yield _banked(scene, start + chance.uniform(0.8, 1.5) * step, rand)


def structuring_over_days(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Cash split below the threshold, one payment a day."""
    start = scene.hour(9, 12, chance)
    for step in range(int(chance.integers(4, 7))):
        yield _banked(scene, start + 25.5 * step, float(chance.uniform(41_000, 49_900)))


def smurfing(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Cash split below the threshold by several people, into one account within a day."""
    start = scene.hour(8, 10, chance)
    for step in range(int(chance.integers(3, 6))):
        rand, sender = float(chance.uniform(20_000, 49_900)), f"smurf-{scene.case}-{step}"
        yield Drawn(start + step, sender, scene.mule(), rand, Channel.BRANCH, Rail.CASH)


def _banked(scene: Scene, hour: float, rand: float) -> Drawn:
    sender, receiver = f"cash-{scene.case}", f"cash-{scene.case}-savings"
    return Drawn(hour, sender, receiver, rand, Channel.BRANCH, Rail.CASH)


def emergency_cash_send(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A thief sends cash up to the limits to several phones that the owner never paid."""
    start = scene.hour(8, 22, chance)
    for step in range(int(chance.integers(3, 6))):
        rand, phone = float(chance.choice([2_000, 3_000, 5_000])), scene.mule(step)
        drawn = scene.order(start + 0.15 * step, rand, Channel.MOBILE_BANKING, receiver=phone)
        yield replace(drawn, rail=Rail.CASH)
