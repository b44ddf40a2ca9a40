"""Takeover and impersonation: a thief, or the deceived owner, empties an account."""

from collections.abc import Iterator
from dataclasses import replace

from ml.population import Chance, Drawn
from ml.typologies.scene import Scene
from risksentinel.domain.transaction import Channel, Rail


def sim_swap(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """After a SIM swap a new phone empties the account, to a new beneficiary."""
    start, device = scene.hour(8, 20, chance), f"thief-{scene.case}"
    swapped = start - chance.uniform(0.3, 40)
    for step in range(int(chance.integers(2, 5))):
        rand = chance.uniform(900, 18_000)
        drawn = scene.order(start + 0.1 * step, rand, Channel.MOBILE_BANKING)
        yield replace(drawn, device=device, sim_swapped=swapped)


def sim_swap_on_the_web(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """After a SIM swap a browser without a device id empties the account."""
    start = scene.hour(8, 20, chance)
    swapped = start - chance.uniform(0.3, 40)
    for step in range(2):
        rand = chance.uniform(900, 25_000)
        drawn = scene.order(start + 0.2 * step, rand, Channel.INTERNET_BANKING)
        yield replace(drawn, device=None, sim_swapped=swapped)


def impersonation(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """The victim makes one large payment to a thief who impersonates the bank."""
    hour, rand = scene.hour(9, 17, chance), chance.lognormal(11.1, 0.5)
    yield scene.order(hour, rand, Channel.INTERNET_BANKING)


def instant_payment(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """Impersonation by PayShap, below its limit: the payment is final within a minute."""
    rand = min(float(chance.lognormal(9.9, 0.5)), 49_999.0)
    yield scene.order(scene.hour(9, 21, chance), rand, Channel.MOBILE_BANKING)


def changed_bank_details(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A due invoice of a usual amount is paid to another account."""
    business, known = scene.business, scene.business.suppliers[0]
    hour = scene.hour(9, 16, chance)
    yield Drawn(hour, business.name, scene.mule(), known.usual * chance.uniform(0.97, 1.03),
                Channel.INTERNET_BANKING, Rail.EFT, None, f"{business.name}-pc",
                beneficiary_added=hour - 2)  # fmt: skip


def dormant_account(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """An account without payments for months pays an unknown account."""
    name = f"dormant-{scene.case}"
    for day in range(0, 12, 2):
        shop = scene.shop(chance)
        yield Drawn(24 * day + chance.uniform(9, 18), name, shop.name, shop.usual, Channel.POS,
                    Rail.CARD, shop.category, genuine=True)  # fmt: skip
    hour = 24 * scene.town.days - chance.uniform(1, 200)
    yield Drawn(hour, name, scene.mule(), float(chance.lognormal(9.4, 0.5)),
                Channel.INTERNET_BANKING, Rail.EFT, None, f"thief-{scene.case}",
                beneficiary_added=hour - 0.1)  # fmt: skip


def just_saved_beneficiary(scene: Scene, chance: Chance) -> Iterator[Drawn]:
    """A thief at the victim's browser saves a beneficiary, and pays it at once."""
    rand = 3.5 * scene.victim.landlord.usual * chance.uniform(0.8, 1.4)
    yield scene.order(scene.hour(8, 22, chance), rand, Channel.INTERNET_BANKING)
