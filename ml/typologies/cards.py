"""Cards: stolen numbers are tested with little, then used with much."""

from collections.abc import Iterator

from ml.population import Chance, Drawn, usual_amount
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def card_testing(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Small sums at one shop after the other: does the card work?"""
    start = scene.hour(0, 23, chance)
    for step in range(int(chance.integers(8, 40))):
        shop, rand = scene.shop(chance), float(chance.uniform(2, 60))
        yield Drawn(start + 0.01 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip


def card_not_present(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A stolen number is tried with little, then used with much, in one online shop."""
    start, shop = scene.hour(0, 23, chance), scene.shop(chance)
    for step, factor in enumerate((0.1, 4, 6)):
        rand = factor * usual_amount(scene.victim, shop, chance)
        yield Drawn(start + 0.2 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip


def card_spree(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A number that works is used in every online shop until the bank stops it."""
    start = scene.hour(0, 23, chance)
    for step in range(int(chance.integers(6, 12))):
        shop = scene.shop(chance)
        rand = max(700.0, 4 * usual_amount(scene.victim, shop, chance))
        yield Drawn(start + 0.07 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip
