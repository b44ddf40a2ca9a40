"""Mules: accounts that unrelated victims pay, and that are emptied at once."""

from collections.abc import Iterator

from ml.population import Chance, Drawn
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def fan_in(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Unrelated victims pay one private account within hours."""
    start, step = scene.hour(7, 12, chance), chance.uniform(0.1, 1)
    for place, victim in enumerate(scene.others):
        rand = chance.uniform(1_500, 9_000)
        yield scene.order(start + step * place, rand, Channel.MOBILE_BANKING, sender=victim)


def pass_through(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A fan-in, of which nearly all is paid to a new account within the hour."""
    paid = list(fan_in(scene, chance))
    yield from paid
    last, total = paid[-1].hour, sum(drawn.rand for drawn in paid)
    hour, share = last + chance.uniform(0.1, 1.2), chance.uniform(0.82, 0.98)
    yield Drawn(hour, scene.mule(), f"out-{scene.case}", total * share, Channel.MOBILE_BANKING,
                Rail.PAYSHAP, None, f"mule-phone-{scene.case}",
                beneficiary_added=hour - 0.1)  # fmt: skip
