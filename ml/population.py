"""Population: South African senders with habits, and the accounts that they pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from risksentinel.domain.transaction import Channel, Rail

Chance = np.random.Generator

# Merchant category codes (ISO 18245) with the median amount of a purchase, in rand.
CATEGORIES: Final = {
    "5411": 420.0,  # groceries
    "5541": 650.0,  # fuel
    "5812": 210.0,  # restaurants
    "5912": 180.0,  # pharmacies
    "5651": 550.0,  # clothing
    "4814": 99.0,  # airtime
    "4900": 800.0,  # electricity and water
}
SALARY_DAY: Final = 25


@dataclass(frozen=True, slots=True)
class Receiver:
    """An account that is paid: a shop with a category, or a person without one."""

    name: str
    category: str | None
    usual: float  # rand


@dataclass(frozen=True, slots=True)
class Sender:
    """A person: how often, where and how much they usually pay."""

    name: str
    payments_a_day: float
    wealth: float  # a factor on every amount
    wakes: float  # hour of the day; payments are made within 15 hours after it
    channel: Channel
    receivers: Sequence[Receiver]


def receivers(count: int, chance: Chance) -> list[Receiver]:
    """Two shops for every private account."""
    codes = list(CATEGORIES)
    found = []
    for number in range(count):
        code = codes[chance.integers(len(codes))] if number % 3 else None
        usual = CATEGORIES[code] if code else 300.0
        found.append(Receiver(f"R{number}", code, float(usual * chance.lognormal(0, 0.3))))
    return found


def senders(count: int, known: Sequence[Receiver], chance: Chance) -> list[Sender]:
    """Each pays a handful of the receivers again and again."""
    by_phone = (Channel.MOBILE_BANKING, Channel.INTERNET_BANKING, Channel.USSD, Channel.WALLET)
    return [
        Sender(
            name=f"S{number}",
            payments_a_day=float(chance.gamma(2.0, 0.8)),
            wealth=float(chance.lognormal(0, 0.6)),
            wakes=float(chance.uniform(5, 9)),
            channel=by_phone[chance.integers(len(by_phone))],
            receivers=[known[place] for place in chance.choice(len(known), 12, replace=False)],
        )
        for number in range(count)
    ]


def rail_of(channel: Channel) -> Rail:
    """What usually carries a payment that was ordered there."""
    if channel in {Channel.POS, Channel.ECOMMERCE}:
        return Rail.CARD
    return Rail.CASH if channel is Channel.ATM else Rail.PAYSHAP
