"""Cards: stolen numbers are tested with small amounts, then used for large ones."""

from collections.abc import Iterator

from ml.population import Chance, Drawn, usual_amount
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def card_testing(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Small payments in many shops, to test whether the card works."""
    start = scene.hour(0, 23, chance)
    for step in range(int(chance.integers(8, 40))):
        shop, rand = scene.shop(chance), float(chance.uniform(2, 60))
        yield Drawn(start + 0.01 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip


def card_not_present(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A stolen number pays a small amount, then large ones, in one online shop."""
    start, shop = scene.hour(0, 23, chance), scene.shop(chance)
    for step, factor in enumerate((0.1, 4, 6)):
        rand = factor * usual_amount(scene.victim, shop, chance)
        yield Drawn(start + 0.2 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip


def card_spree(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A working number pays in many online shops until the bank blocks it."""
    start = scene.hour(0, 23, chance)
    for step in range(int(chance.integers(6, 12))):
        shop = scene.shop(chance)
        rand = max(700.0, 4 * usual_amount(scene.victim, shop, chance))
        yield Drawn(start + 0.07 * step, scene.victim.name, shop.name, rand, Channel.ECOMMERCE,
                    Rail.CARD, shop.category)  # fmt: skip
