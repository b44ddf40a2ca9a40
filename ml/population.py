"""Population: generated people and businesses in South Africa, their habits and payees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
REMOTE: Final = (Channel.MOBILE_BANKING, Channel.INTERNET_BANKING, Channel.USSD, Channel.WALLET)
_PEOPLE_OF_A_BUSINESS: Final = 20
_SHOPS_OF_A_PERSON: Final = 12
_FRIENDS: Final = 5
_SUPPLIERS: Final = 4


@dataclass(frozen=True, slots=True)
class Payee:
    """An account that is paid: a shop with a category, or a private account without one."""

    name: str
    category: str | None
    usual: float  # rand


@dataclass(frozen=True, slots=True)
class Person:
    """A person: how often, where and how much the person usually pays."""

    name: str
    payments_a_day: float
    wealth: float  # a factor on every amount
    wakes: float  # hour of the day; payments are made within 15 hours after it
    channel: Channel
    device: str
    shops: Sequence[Payee]
    friends: Sequence[Payee]
    landlord: Payee


@dataclass(frozen=True, slots=True)
class Business:
    """A business with staff and suppliers; it pays wages weekly or monthly."""

    name: str
    staff: Sequence[Person]
    suppliers: Sequence[Payee]
    weekly: bool


@dataclass(frozen=True, slots=True)
class Town:
    """All people, businesses and payees, over `days` days from `begin` on."""

    people: Sequence[Person]
    businesses: Sequence[Business]
    shops: Sequence[Payee]
    private: Sequence[Payee]
    days: int
    begin: datetime

    def date(self, day: int) -> date:
        """The date of a day, counted from 0."""
        return (self.begin + timedelta(days=day)).date()

    def days_of_month(self, day_of_month: int) -> list[int]:
        """The days, counted from 0, that are this day of their month."""
        return [day for day in range(self.days) if self.date(day).day == day_of_month]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A generated payment. Hours count from the first day's midnight; the amount is in rand."""

    hour: float
    sender: str
    receiver: str
    rand: float
    channel: Channel
    rail: Rail
    category: str | None = None
    device: str | None = None
    sim_swapped: float | None = None  # the hour
    beneficiary_added: float | None = None  # the hour
    genuine: bool = False  # a genuine payment of the account before its fraud


def town(people: int, payees: int, days: int, begin: datetime, chance: Chance) -> Town:
    """Generate a town: two shops for every private account, a business for every twenty people."""
    known = [_payee(number, chance) for number in range(payees)]
    shops = [payee for payee in known if payee.category is not None]
    private = [payee for payee in known if payee.category is None]
    persons = [_person(number, shops, private, chance) for number in range(people)]
    firms = max(2, people // _PEOPLE_OF_A_BUSINESS)
    businesses = [
        Business(
            name=f"F{number}",
            staff=persons[number::firms],
            suppliers=[
                Payee(f"F{number}-supplier-{place}", None, float(chance.lognormal(10.3, 0.6)))
                for place in range(_SUPPLIERS)
            ],
            weekly=number % 3 == 0,
        )
        for number in range(firms)
    ]
    return Town(persons, businesses, shops, private, days, begin)


def rail_of(channel: Channel) -> Rail:
    """The usual rail of a payment that was ordered by this channel."""
    if channel in {Channel.POS, Channel.ECOMMERCE}:
        return Rail.CARD
    if channel in {Channel.ATM, Channel.BRANCH}:
        return Rail.CASH
    return Rail.EFT if channel is Channel.INTERNET_BANKING else Rail.PAYSHAP


def usual_amount(person: Person, payee: Payee, chance: Chance) -> float:
    """A random amount in rand around the usual one, from a log-normal distribution."""
    return float(person.wealth * payee.usual * chance.lognormal(0, 0.5))


def _payee(number: int, chance: Chance) -> Payee:
    codes = list(CATEGORIES)
    code = codes[chance.integers(len(codes))] if number % 3 else None
    usual = CATEGORIES[code] if code else 300.0
    return Payee(f"R{number}", code, float(usual * chance.lognormal(0, 0.3)))


def _person(
    number: int, shops: Sequence[Payee], private: Sequence[Payee], chance: Chance
) -> Person:
    rent = float(chance.lognormal(8.6, 0.4))
    return Person(
        name=f"S{number}",
        payments_a_day=float(chance.gamma(2.0, 0.8)),
        wealth=float(chance.lognormal(0, 0.6)),
        wakes=float(chance.uniform(5, 9)),
        channel=REMOTE[chance.integers(len(REMOTE))],
        device=f"phone-{number}",
        shops=_some(shops, _SHOPS_OF_A_PERSON, chance),
        friends=_some(private, _FRIENDS, chance),
        landlord=Payee(f"landlord-{number % 97}", None, rent),
    )


def _some(payees: Sequence[Payee], count: int, chance: Chance) -> list[Payee]:
    places = chance.choice(len(payees), min(count, len(payees)), replace=False)
    return [payees[place] for place in places]
