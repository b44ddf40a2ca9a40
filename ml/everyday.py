"""Everyday payments in South Africa, one function for each kind: the usual for a model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np

from ml.population import Business, Chance, Drawn, Payee, Person, Town, rail_of, usual_amount
from risksentinel.domain.transaction import Channel, Rail

SALARY_DAY: Final = 25
_GRANT_DAY: Final = 4
_FRIDAY: Final = 4
_SUNDAY: Final = 6
_AWAKE: Final = 15  # hours
_UNUSUAL: Final = 0.05  # of purchases: a new shop, a large amount, an unusual hour
_ONLINE: Final = 0.2  # of purchases
_TO_FRIENDS: Final = 0.15  # of a person's payments
_SASSA: Final = "SASSA"  # the agency that pays social grants
_GRANTS: Final = (560.0, 2_315.0)  # child support and old age, rand a month, 2025
_MEMBERS: Final = 12  # of a stokvel
_WAGE: Final = 9.3  # the logarithm of a monthly wage's median in rand
_WORK: Final = (8.0, 17.0)


def _purchases(town: Town, chance: Chance) -> Iterator[Drawn]:
    """Card payments in shops and online shops, and small sums to friends by phone."""
    for person in town.people:
        favourite = np.arange(len(person.shops), 0, -1, dtype=np.float64)
        favourite /= favourite.sum()
        for day in range(town.days):
            for _ in range(int(chance.poisson(person.payments_a_day))):
                hour = 24 * day + _hour(person, chance)
                if chance.random() < _TO_FRIENDS:
                    friend = person.friends[int(chance.integers(len(person.friends)))]
                    yield remote(person, friend, hour, usual_amount(person, friend, chance))
                    continue
                shop = person.shops[chance.choice(len(person.shops), p=favourite)]
                yield _purchase(town, person, shop, hour, chance)


def _purchase(town: Town, person: Person, shop: Payee, hour: float, chance: Chance) -> Drawn:
    if chance.random() < _UNUSUAL:
        shop = town.shops[int(chance.integers(len(town.shops)))]
    rand = usual_amount(person, shop, chance)
    if chance.random() < _UNUSUAL:
        rand *= chance.uniform(2, 12)  # a fridge, a winter coat
    channel = Channel.ECOMMERCE if chance.random() < _ONLINE else Channel.POS
    return Drawn(hour, person.name, shop.name, rand, channel, Rail.CARD, shop.category)


def _hour(person: Person, chance: Chance) -> float:
    late = chance.random() < _UNUSUAL
    return float(chance.uniform(0, 24) if late else person.wakes + _AWAKE * chance.beta(2, 2))


def remote(person: Person, payee: Payee, hour: float, rand: float) -> Drawn:
    """An order by phone or browser to a beneficiary that was saved before the first day."""
    channel, saved = person.channel, -24.0 * 30
    return Drawn(
        hour, person.name, payee.name, rand, channel, rail_of(channel), payee.category,
        person.device, beneficiary_added=saved,
    )  # fmt: skip


def _rent(town: Town, chance: Chance) -> Iterator[Drawn]:
    """The same rent to the same landlord in the first days of a month."""
    for person in town.people[::2]:
        for day in town.days_of_month(1):
            hour = 24 * (day + int(chance.integers(3))) + chance.uniform(7, 20)
            yield remote(person, person.landlord, hour, round(person.landlord.usual, -2))


def _school_fees(town: Town, chance: Chance) -> Iterator[Drawn]:
    """A payment to one school every month."""
    for person in town.people[::4]:
        school = Payee(f"school-{int(chance.integers(8))}", "8211", float(chance.uniform(800, 6e3)))
        for day in town.days_of_month(2):
            yield remote(person, school, 24 * day + chance.uniform(7, 20), school.usual)


def _payrolls(town: Town, chance: Chance) -> Iterator[Drawn]:
    """A business pays all of its staff within minutes, every Friday or every month."""
    for business in town.businesses:
        wages = chance.lognormal(_WAGE, 0.4, len(business.staff)) / (4 if business.weekly else 1)
        fridays = [day for day in range(town.days) if town.date(day).weekday() == _FRIDAY]
        for day in fridays if business.weekly else town.days_of_month(SALARY_DAY):
            start = 24 * day + chance.uniform(6, 10)
            for place, person in enumerate(business.staff):
                yield _by_eft(business, person.name, start + place / 1_200, wages[place])


def _suppliers(town: Town, chance: Chance) -> Iterator[Drawn]:
    """Invoices of about the same sum, twice a month, in one run."""
    for business in town.businesses:
        for day in sorted([*town.days_of_month(7), *town.days_of_month(28)]):
            start = 24 * day + chance.uniform(9, 15)
            for place, supplier in enumerate(business.suppliers):
                rand = supplier.usual * chance.uniform(0.97, 1.03)
                yield _by_eft(business, supplier.name, start + place / 120, rand)


def _by_eft(business: Business, receiver: str, hour: float, rand: float) -> Drawn:
    channel, saved = Channel.INTERNET_BANKING, -24.0 * 90
    return Drawn(
        hour, business.name, receiver, float(rand), channel, Rail.EFT, None, f"{business.name}-pc",
        beneficiary_added=saved,
    )  # fmt: skip


def _grants(town: Town, chance: Chance) -> Iterator[Drawn]:
    """The grants agency pays every fifth person in one run, the same sums each month."""
    for day in town.days_of_month(_GRANT_DAY):
        start = 24 * day + chance.uniform(5, 7)
        for place, person in enumerate(town.people[::5]):
            rand, hour = _GRANTS[place % len(_GRANTS)], start + place / 1_800
            yield Drawn(hour, _SASSA, person.name, rand, Channel.INTERNET_BANKING, Rail.EFT)


def _stokvels(town: Town, chance: Chance) -> Iterator[Drawn]:
    """Members of a savings club pay the same sum on the first; one of them gets the pot."""
    for number in range(len(town.people) // 40):
        members = town.people[number * _MEMBERS : (number + 1) * _MEMBERS]
        club = Payee(f"stokvel-{number}", None, float(chance.choice([300, 500, 1_000])))
        for month, day in enumerate(town.days_of_month(1)):
            for member in members:
                yield remote(member, club, 24 * day + chance.uniform(7, 20), club.usual)
            happy = members[month % len(members)]
            pot, hour = club.usual * len(members), 24 * (day + 1) + chance.uniform(9, 16)
            yield Drawn(hour, club.name, happy.name, pot, Channel.MOBILE_BANKING, Rail.EFT)


def _takings(town: Town, chance: Chance) -> Iterator[Drawn]:
    """Shops deposit their cash takings, every evening but Sundays."""
    for number in range(max(2, len(town.people) // 40)):
        usual = float(chance.uniform(4_000, 22_000))
        for day in range(town.days):
            if town.date(day).weekday() != _SUNDAY:
                rand, hour = usual * chance.uniform(0.7, 1.2), 24 * day + chance.uniform(15, 18)
                yield Drawn(hour, f"spaza-{number}", f"spaza-{number}-bank", rand, Channel.BRANCH,
                            Rail.CASH)  # fmt: skip


def _cash(town: Town, chance: Chance) -> Iterator[Drawn]:
    """Withdrawals at cash machines, and cash sent to one relative's phone after payday."""
    for person in town.people:
        for day in range(town.days):
            if chance.random() < 0.1:  # noqa: PLR2004 - three times a month
                rand = float(chance.choice([100, 200, 300, 500, 1_000, 1_500, 3_000]))
                hour, machine = 24 * day + _hour(person, chance), f"ATM-{int(chance.integers(40))}"
                yield Drawn(hour, person.name, machine, rand, Channel.ATM, Rail.CASH)
    for number, person in enumerate(town.people[::3]):
        for day in town.days_of_month(SALARY_DAY + 1):
            hour, rand = 24 * day + chance.uniform(*_WORK), float(chance.uniform(300, 1_800))
            yield Drawn(hour, person.name, f"relative-{number}", rand, Channel.MOBILE_BANKING,
                        Rail.CASH, None, person.device)  # fmt: skip


def _cars(town: Town, chance: Chance) -> Iterator[Drawn]:
    """The purchase of a car: one person in forty over the whole period."""
    for person in _few(town.people, chance):
        hour = 24 * chance.uniform(town.days / 4, town.days) + 0.0
        yield Drawn(hour, person.name, f"dealer-{int(chance.integers(5))}",
                    float(chance.lognormal(11.8, 0.5)), Channel.INTERNET_BANKING, Rail.EFT, "5511",
                    person.device, beneficiary_added=hour - 1)  # fmt: skip


def _new_phones(town: Town, chance: Chance) -> Iterator[Drawn]:
    """An honest change of phone and SIM: the same friends are paid as before."""
    for person in _few(town.people, chance):
        swapped = 24.0 * int(chance.uniform(town.days / 4, town.days)) + 9
        for _ in range(4):
            hour, friend = swapped + chance.uniform(1, 70), person.friends[0]
            yield Drawn(hour, person.name, friend.name, usual_amount(person, friend, chance),
                        person.channel, rail_of(person.channel), None, f"new-{person.device}",
                        swapped, -24.0 * 30)  # fmt: skip


def _few(people: Sequence[Person], chance: Chance) -> list[Person]:
    places = chance.choice(len(people), max(1, len(people) // 40), replace=False)
    return [people[place] for place in places]


EVERYDAY: Final[Mapping[str, Callable[[Town, Chance], Iterator[Drawn]]]] = MappingProxyType(
    {
        "purchases": _purchases,
        "rent": _rent,
        "school_fees": _school_fees,
        "payrolls": _payrolls,
        "suppliers": _suppliers,
        "social_grants": _grants,
        "stokvels": _stokvels,
        "takings": _takings,
        "cash": _cash,
        "cars": _cars,
        "new_phones": _new_phones,
    }
)
