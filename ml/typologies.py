"""Typologies: how fraud is done in South Africa, one function each, as payments over hours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ml.population import SALARY_DAY, Chance, Receiver, Sender
from risksentinel.domain.transaction import Channel


@dataclass(frozen=True, slots=True)
class Drawn:
    """A payment that chance drew: `hour` counts from the first day's midnight; rand."""

    hour: float
    sender: Sender
    receiver: Receiver
    rand: float
    channel: Channel


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a fraud happens: a victim, a day, and accounts that take money for the thieves."""

    victim: Sender
    day: int
    day_of_month: int
    mule: Receiver
    shop: Receiver
    others: Sequence[Sender]


def usual_amount(sender: Sender, receiver: Receiver, chance: Chance) -> float:
    """Rand: skewed, as amounts are."""
    return float(sender.wealth * receiver.usual * chance.lognormal(0, 0.5))


def _sim_swap(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """The number is taken over; the account is emptied at once, to a new beneficiary."""
    start = 24 * scene.day + chance.uniform(8, 20)
    for step in range(int(chance.integers(2, 5))):
        rand = 6 * usual_amount(scene.victim, scene.mule, chance)
        yield Drawn(start + 0.1 * step, scene.victim, scene.mule, rand, Channel.MOBILE_BANKING)


def _impersonation(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """The victim pays by themselves, once, to somebody who says to be the bank."""
    rand = 10 * usual_amount(scene.victim, scene.mule, chance)
    hour = 24 * scene.day + chance.uniform(9, 17)
    yield Drawn(hour, scene.victim, scene.mule, rand, scene.victim.channel)


def _changed_bank_details(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """An invoice that is due is paid to another account: the amount is a usual one."""
    known = max(scene.victim.receivers, key=lambda receiver: receiver.usual)
    rand = 3 * usual_amount(scene.victim, known, chance)
    hour = 24 * scene.day + chance.uniform(9, 16)
    yield Drawn(hour, scene.victim, scene.mule, rand, Channel.INTERNET_BANKING)


def _mule(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Victims who never met pay one private account within a day."""
    for other in scene.others:
        hour = 24 * scene.day + chance.uniform(8, 22)
        rand = 4 * usual_amount(other, scene.mule, chance)
        yield Drawn(hour, other, scene.mule, rand, other.channel)


def _structuring(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Cash that is split so that no payment reaches the reporting threshold of the FIC Act."""
    start = 24 * scene.day + chance.uniform(8, 15)
    for step in range(int(chance.integers(3, 6))):
        rand = float(chance.uniform(42_000, 49_900))
        yield Drawn(start + 0.5 * step, scene.victim, scene.mule, rand, Channel.ATM)


def _late_night_burst(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A stolen phone pays while its owner sleeps."""
    start = 24 * scene.day + chance.uniform(0, 3)
    for step in range(int(chance.integers(4, 9))):
        rand = 2 * usual_amount(scene.victim, scene.mule, chance)
        yield Drawn(start + 0.05 * step, scene.victim, scene.mule, rand, Channel.WALLET)


def _salary_day_drain(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """The salary leaves in a few large payments on the day it comes."""
    day = scene.day + (SALARY_DAY - scene.day_of_month) % 7
    for step in range(3):
        rand = 8 * usual_amount(scene.victim, scene.mule, chance)
        hour = 24 * day + 6 + step * chance.uniform(0.2, 1)
        yield Drawn(hour, scene.victim, scene.mule, rand, Channel.MOBILE_BANKING)


def _card_not_present(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A stolen card number is tried with little, then used with much, in one online shop."""
    start = 24 * scene.day + chance.uniform(0, 23)
    for step, factor in enumerate((0.1, 4, 6)):
        rand = factor * usual_amount(scene.victim, scene.shop, chance)
        yield Drawn(start + 0.2 * step, scene.victim, scene.shop, rand, Channel.ECOMMERCE)


TYPOLOGIES: Final[Mapping[str, Callable[[Scene, Chance], Iterator[Drawn]]]] = MappingProxyType(
    {
        "sim_swap": _sim_swap,
        "impersonation": _impersonation,
        "changed_bank_details": _changed_bank_details,
        "mule": _mule,
        "structuring": _structuring,
        "late_night_burst": _late_night_burst,
        "salary_day_drain": _salary_day_drain,
        "card_not_present": _card_not_present,
    }
)
