"""Drains: an account is emptied within minutes, to beneficiaries saved minutes before."""

from collections.abc import Iterator

from ml.everyday import SALARY_DAY
from ml.population import Chance, Drawn
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def account_drain(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Repeated payments up to the limit of one payment, to several new accounts."""
    start, rand = scene.hour(7, 22, chance), chance.uniform(15_000, 49_999)
    for step in range(int(chance.integers(3, 9))):
        hour = start + step * chance.uniform(0.02, 0.1)
        yield scene.order(hour, rand, Channel.MOBILE_BANKING, receiver=scene.mule(step))


def drain_in_bites(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Repeated payments of inconspicuous amounts to new accounts."""
    start, rand = scene.hour(7, 22, chance), chance.uniform(1_500, 5_000)
    for step in range(int(chance.integers(6, 12))):
        hour = start + 0.09 * step
        yield scene.order(hour, rand, Channel.MOBILE_BANKING, receiver=scene.mule(step % 3))


def spread_over_mules(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Payments to five or more new accounts within minutes."""
    start = scene.hour(7, 22, chance)
    for step in range(int(chance.integers(5, 9))):
        hour, rand = start + 0.012 * step, chance.uniform(3_500, 9_000)
        yield scene.order(hour, rand, Channel.MOBILE_BANKING, receiver=scene.mule(step))


def salary_drain(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """The salary arrives, and is paid to a new beneficiary within the hour."""
    day = scene.day + (SALARY_DAY - scene.town.date(scene.day).day) % 28
    start, wage = 24 * day + chance.uniform(5, 9), float(chance.lognormal(9.6, 0.3))
    yield Drawn(start, f"{scene.business.name}-payroll", scene.victim.name, wage,
                Channel.INTERNET_BANKING, Rail.EFT, genuine=True)  # fmt: skip
    hour, rand = start + chance.uniform(0.1, 1), wage * chance.uniform(0.85, 0.99)
    yield scene.order(hour, rand, Channel.MOBILE_BANKING)


def night_burst(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A stolen phone pays new accounts at night."""
    start = scene.hour(0, 3.5, chance)
    for step in range(int(chance.integers(4, 9))):
        yield scene.order(start + 0.05 * step, chance.uniform(700, 4_900), Channel.WALLET,
                          receiver=scene.mule(step))  # fmt: skip
