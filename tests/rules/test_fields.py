from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given

from risksentinel.domain.history import ReceiverProfile, Snapshot, VelocitySnapshot
from risksentinel.domain.money import Money
from risksentinel.domain.sender_profile import SenderProfile
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.rules.fields import FIELDS, Field
from risksentinel.rules.kinds import FieldKind, Value
from risksentinel.rules.observation import Observation
from risksentinel.rules.spans import span_fields
from tests.rules.conditions import observations, transactions
from tests.strategies import snapshots

TYPES = {
    FieldKind.MONEY: Decimal,
    FieldKind.NUMBER: float,
    FieldKind.INTEGER: int,
    FieldKind.TEXT: str,
    FieldKind.CHOICE: str,
    FieldKind.FLAG: bool,
}


def paid_at(at: datetime) -> Observation:
    """Return the observation of a payment of R75,000 at this time, with a history."""
    transaction = Transaction(
        "t-1", "me", "you", Money.parse("75000"), Channel.USSD, at, Rail.PAYSHAP, "7995", "ZA"
    )
    velocity = VelocitySnapshot(2, Decimal("75100.00"), 300)
    sender, receiver = (
        SenderProfile(20, 500.0, 400.0, 100.0, 20, 400.0, 800.0),
        ReceiverProfile(new_for_sender=True, senders_24h=3),
    )
    return Observation(transaction, Snapshot(velocity, sender, receiver))


def of_its_kind(field: Field, value: Value | None) -> bool:
    """Return whether the value has the type of the field's kind and is one of its choices."""
    if value is None:
        return True
    right_type = isinstance(value, TYPES[field.kind])
    only_flags_are_flags = isinstance(value, bool) == (field.kind is FieldKind.FLAG)
    return right_type and only_flags_are_flags and (not field.choices or value in field.choices)


@given(observations)
def test_every_field_reads_its_kind_or_nothing(observation: Observation) -> None:
    """A condition is compiled for the kind: another type would fail or compare wrongly."""
    read = {name: field.read(observation) for name, field in FIELDS.items()}

    wrong = {name: value for name, value in read.items() if not of_its_kind(FIELDS[name], value)}

    assert not wrong


@given(transactions, snapshots)
def test_from_history_marks_the_fields_that_need_the_history(
    transaction: Transaction, snapshot: Snapshot
) -> None:
    """The signal rules reports the rules that are unknown without the history."""
    silent, heard = Observation(transaction, None), Observation(transaction, snapshot)

    for field in FIELDS.values():
        told = None if field.from_history else field.read(heard)
        assert field.read(silent) == told


@pytest.mark.parametrize("name", FIELDS)
def test_has_a_meaning_in_one_line(name: str) -> None:
    """The API's documentation is generated from the registry."""
    field = FIELDS[name]

    assert 0 < len(field.meaning) <= 80
    assert bool(field.choices) == (field.kind is FieldKind.CHOICE)


EVENING = datetime(2026, 5, 1, 20, 0, tzinfo=UTC)  # a Friday; 22:00 in Johannesburg
READINGS = {
    "amount_zar": Decimal("75000.00"),
    "sender_id": "me",
    "receiver_id": "you",
    "channel": "ussd",
    "rail": "payshap",
    "merchant_category": "7995",
    "receiver_country": "ZA",
    "velocity.count": 2,
    "velocity.total_zar": Decimal("75100.00"),
    "anomaly.z": 746.0,
    "anomaly.mean_zar": Decimal("500.00"),
    "sender.payment_count": 20,
    "receiver.is_new_for_sender": True,
    "amount.to_median": 187.5,
    "amount.to_largest": 93.75,
    "amount.similar_to_other_beneficiary": 0,
    "sender.paid_to_received_24h": None,
    "sender.since_first_seconds": None,
    "sender.since_last_seconds": None,
    "sender.since_received_seconds": None,
    "sender.since_sim_swap_seconds": None,
    "beneficiary.since_first_paid_seconds": None,
    "beneficiary.since_added_seconds": None,
    "device_id": None,
    "device.is_new_for_sender": None,
    "local_hour": 22,
    "local_weekday": 5,
    "local_day_of_month": 1,
    "is_weekend": False,
    "is_night": True,
}


def test_every_field_reads_the_value_of_its_name() -> None:
    """Only this test detects two fields with exchanged readers."""
    observation = paid_at(EVENING)

    spans = {name for name, *_ in span_fields()}
    read = {name: field.read(observation) for name, field in FIELDS.items() if name not in spans}

    assert read == READINGS


@pytest.mark.parametrize(
    ("at", "night", "hour"),
    [
        (datetime(2026, 5, 1, 19, 59, 59, tzinfo=UTC), False, 21),
        (datetime(2026, 5, 1, 20, 0, tzinfo=UTC), True, 22),
        (datetime(2026, 5, 2, 2, 59, 59, tzinfo=UTC), True, 4),
        (datetime(2026, 5, 2, 3, 0, tzinfo=UTC), False, 5),
    ],
)
def test_night_is_from_ten_to_five_in_south_africa(
    at: datetime,
    night: bool,  # noqa: FBT001 - it is a reading
    hour: int,
) -> None:
    """Night is in South African time, not in the server's."""
    observation = paid_at(at)

    assert FIELDS["is_night"].read(observation) is night
    assert FIELDS["local_hour"].read(observation) == hour


@pytest.mark.parametrize(
    ("day", "weekday", "weekend"), [(1, 5, False), (2, 6, True), (3, 7, True), (4, 1, False)]
)
def test_the_week_begins_on_monday_and_ends_with_two_free_days(
    day: int,
    weekday: int,
    weekend: bool,  # noqa: FBT001 - it is a reading
) -> None:
    """Weekdays follow ISO 8601."""
    observation = paid_at(datetime(2026, 5, day, 10, 0, tzinfo=UTC))

    assert FIELDS["local_weekday"].read(observation) == weekday
    assert FIELDS["is_weekend"].read(observation) is weekend


@pytest.mark.parametrize(
    ("sender", "mean", "z"),
    [
        (SenderProfile.of(0, ()), None, None),
        (SenderProfile.of(4, [90.0] * 4), Decimal("90.00"), None),
        (SenderProfile(5, 1500.0, 1000.0, 740.0), Decimal("1500.00"), 100.0),
    ],
)
def test_a_sender_without_enough_history_has_no_deviation(
    sender: SenderProfile, mean: Decimal | None, z: float | None
) -> None:
    """The mean of no payments is unknown, not 0, and a deviation of few payments is chance."""
    known = paid_at(EVENING)
    assert known.snapshot is not None
    snapshot = Snapshot(known.snapshot.velocity, sender, known.snapshot.receiver)

    observation = Observation(known.transaction, snapshot)

    assert FIELDS["anomaly.mean_zar"].read(observation) == mean
    assert FIELDS["anomaly.z"].read(observation) == z
