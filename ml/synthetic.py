"""synthetic: generated labelled South African payments, the same for the same seed.

They are for a first model without data, and for experiments. They do not show the quality of a
model on real payments: measure that with `python -m ml.evaluate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from ml.dataset import Dataset, dataset
from ml.everyday import EVERYDAY
from ml.population import Chance, Drawn, Town, town
from ml.typologies import TYPOLOGIES, Scene
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import SOUTH_AFRICA, Transaction

BEGIN: Final = datetime(2026, 1, 1, tzinfo=SOUTH_AFRICA)
PEOPLE: Final = 300
PAYEES: Final = 300
DAYS: Final = 100
FRAUDS_A_DAY: Final = 2
_VICTIMS_OF_A_MULE: Final = 7
_REPORTED_AFTER: Final = 4.0  # days, the mean of an exponential distribution


class Case(NamedTuple):
    """One fraud: its typology, and its number among all frauds."""

    typology: str
    number: int


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Payments, and the fraud of each; None for everyday life."""

    data: Dataset
    cases: Sequence[Case | None]


def synthetic(seed: int, count: int = PEOPLE, days: int = DAYS, begin: datetime = BEGIN) -> Dataset:
    """Generate payments of `count` people over `days` days, including frauds of all typologies."""
    return drawn_cases(seed, count, days, begin).data


def drawn_cases(
    seed: int,
    count: int = PEOPLE,
    days: int = DAYS,
    begin: datetime = BEGIN,
    frauds_a_day: int = FRAUDS_A_DAY,
) -> Synthetic:
    """Generate the payments of `synthetic`, with the fraud of each.

    `frauds_a_day` are cases of one to a few dozen payments each.
    """
    chance = np.random.default_rng(seed)
    where = town(count, PAYEES, days, begin, chance)
    drawn: list[tuple[Drawn, Case | None]] = [
        (one, None) for life in EVERYDAY.values() for one in life(where, chance)
    ]
    drawn += _frauds(where, chance, frauds_a_day)
    drawn = [(one, case) for one, case in drawn if 0 <= one.hour < 24 * days]
    drawn.sort(key=lambda pair: pair[0].hour)
    payments = [_payment(number, one, begin) for number, (one, _) in enumerate(drawn)]
    late = chance.exponential(_REPORTED_AFTER * 86_400, len(drawn))
    known_at = [
        int(payment.occurred_at.timestamp() + wait)
        for payment, wait in zip(payments, late, strict=True)
    ]
    cases = [case for _, case in drawn]
    fraud = [int(case is not None) for case in cases]
    return Synthetic(dataset(payments, fraud, known_at), cases)


def _frauds(where: Town, chance: Chance, a_day: int) -> list[tuple[Drawn, Case | None]]:
    """Generate frauds of every typology in turn, after the first sixth of the days."""
    names, found = list(TYPOLOGIES), list[tuple[Drawn, Case | None]]()
    days = [day for day in range(where.days // 6, where.days) for _ in range(a_day)]
    for case, day in enumerate(days):
        name = names[case % len(names)]
        scene = _scene(where, day, case, chance)
        found += [
            (one, None if one.genuine else Case(name, case))
            for one in TYPOLOGIES[name](scene, chance)
        ]
    return found


def _scene(where: Town, day: int, case: int, chance: Chance) -> Scene:
    picked = chance.choice(len(where.people), 1 + _VICTIMS_OF_A_MULE, replace=False)
    victim, *others = (where.people[place] for place in picked)
    business = where.businesses[int(chance.integers(len(where.businesses)))]
    return Scene(where, victim, business, others, day, case)


def _payment(number: int, drawn: Drawn, begin: datetime) -> Transaction:
    def moment(hour: float) -> datetime:
        return (begin + timedelta(seconds=round(3_600 * hour))).astimezone(UTC)

    return Transaction(
        id=f"synthetic-{number}",
        sender_id=drawn.sender,
        receiver_id=drawn.receiver,
        amount=Money.of_cents(max(100, round(100 * drawn.rand))),
        channel=drawn.channel,
        occurred_at=moment(drawn.hour),
        rail=drawn.rail,
        merchant_category=drawn.category,
        device_id=drawn.device,
        sim_swapped_at=None if drawn.sim_swapped is None else moment(drawn.sim_swapped),
        beneficiary_added_at=(
            None if drawn.beneficiary_added is None else moment(drawn.beneficiary_added)
        ),
    )
