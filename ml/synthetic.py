"""Synthetic: labelled South African payments, the same for the same seed.

To have a model before there are data, and to try things out. How well a model does on them says
nothing of how well it will do on real payments: measure with `python -m ml.evaluate`.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from ml.dataset import Dataset, dataset
from ml.population import Chance, Receiver, Sender, rail_of, receivers, senders
from ml.typologies import TYPOLOGIES, Drawn, Scene, usual_amount
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import SOUTH_AFRICA, Channel, Transaction

BEGIN: Final = datetime(2026, 1, 1, tzinfo=SOUTH_AFRICA)
SENDERS: Final = 400
RECEIVERS: Final = 300
DAYS: Final = 90
_FRAUDS_A_DAY: Final = 3  # cases, of one to a dozen payments each
_AWAKE: Final = 15  # hours
_VICTIMS_OF_A_MULE: Final = 6
_STRANGE: Final = 0.05  # of everyday payments: a new receiver, a large amount, an odd hour
_ONLINE: Final = 0.2  # of the purchases in shops
_REPORTED_AFTER: Final = 4.0  # days, the mean of an exponential distribution


def synthetic(
    seed: int, count: int = SENDERS, days: int = DAYS, begin: datetime = BEGIN
) -> Dataset:
    """Payments of so many senders over so many days, with the typologies injected."""
    chance = np.random.default_rng(seed)
    known = receivers(RECEIVERS, chance)
    people = senders(count, known, chance)
    drawn = [(one, 0) for person in people for one in _everyday(person, known, days, chance)]
    for day in range(days // 6, days):
        for _ in range(_FRAUDS_A_DAY):
            drawn += [(one, 1) for one in _case(people, known, day, begin, chance)]
    drawn = [(one, fraud) for one, fraud in drawn if one.hour < 24 * days]
    drawn.sort(key=lambda pair: pair[0].hour)
    payments = [_payment(number, one, begin) for number, (one, _) in enumerate(drawn)]
    late = chance.exponential(_REPORTED_AFTER * 86_400, len(drawn))
    known_at = [
        int(payment.occurred_at.timestamp() + wait)
        for payment, wait in zip(payments, late, strict=True)
    ]
    return dataset(payments, [fraud for _, fraud in drawn], known_at)


def _everyday(
    sender: Sender, known: Sequence[Receiver], days: int, chance: Chance
) -> Iterator[Drawn]:
    favourite = np.arange(len(sender.receivers), 0, -1, dtype=np.float64)
    favourite /= favourite.sum()
    for day in range(days):
        for _ in range(int(chance.poisson(sender.payments_a_day))):
            receiver = sender.receivers[chance.choice(len(sender.receivers), p=favourite)]
            if chance.random() < _STRANGE:
                receiver = known[int(chance.integers(len(known)))]
            rand = usual_amount(sender, receiver, chance)
            if chance.random() < _STRANGE:
                rand *= chance.uniform(2, 12)  # a fridge, a school fee
            late = chance.random() < _STRANGE
            hour = chance.uniform(0, 24) if late else sender.wakes + _AWAKE * chance.beta(2, 2)
            yield Drawn(24 * day + hour, sender, receiver, rand, _channel(sender, receiver, chance))


def _channel(sender: Sender, receiver: Receiver, chance: Chance) -> Channel:
    if receiver.category is None:
        return sender.channel
    return Channel.ECOMMERCE if chance.random() < _ONLINE else Channel.POS


def _case(
    people: list[Sender], known: Sequence[Receiver], day: int, begin: datetime, chance: Chance
) -> Iterator[Drawn]:
    picked = chance.choice(len(people), 1 + _VICTIMS_OF_A_MULE, replace=False)
    victim, *others = (people[place] for place in picked)
    private = [receiver for receiver in known if receiver.category is None]
    shops = [receiver for receiver in known if receiver.category is not None]
    scene = Scene(
        victim=victim,
        day=day,
        day_of_month=(begin + timedelta(days=day)).day,
        mule=private[int(chance.integers(len(private)))],
        shop=shops[int(chance.integers(len(shops)))],
        others=others,
    )
    names = list(TYPOLOGIES)
    yield from TYPOLOGIES[names[chance.integers(len(names))]](scene, chance)


def _payment(number: int, drawn: Drawn, begin: datetime) -> Transaction:
    return Transaction(
        id=f"synthetic-{number}",
        sender_id=drawn.sender.name,
        receiver_id=drawn.receiver.name,
        amount=Money.of_cents(max(100, round(100 * drawn.rand))),
        channel=drawn.channel,
        occurred_at=(begin + timedelta(seconds=round(3_600 * drawn.hour))).astimezone(UTC),
        rail=rail_of(drawn.channel),
        merchant_category=drawn.receiver.category,
    )
