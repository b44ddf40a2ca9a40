"""FIELDS: the fields of a payment that rules can compare, one line each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Channel, Rail
from risksentinel.errors import Malformed
from risksentinel.rules import habit_fields
from risksentinel.rules.kinds import READERS, FieldKind, Value
from risksentinel.rules.observation import Observation
from risksentinel.rules.spans import span_fields

_NIGHT_BEGINS: Final = 22
_NIGHT_ENDS: Final = 5
_SATURDAY: Final = 6


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `read` returns None if the payment or the history has no value.

    `from_history` marks the fields that are unknown while the history does not answer. `choices`
    are the allowed values of a choice, `within` the least and the greatest value of an integer.
    """

    kind: FieldKind
    meaning: str
    read: Callable[[Observation], Value | None]
    from_history: bool = False
    choices: tuple[str, ...] = ()
    within: tuple[int, int] | None = None

    def accept(self, raw: object) -> Value:
        """Parse a rule's value for this field. Raises Malformed."""
        value = READERS[self.kind](raw)
        if self.choices and value not in self.choices:
            raise Malformed(f"must be one of: {', '.join(self.choices)}")
        if self.within and not self.within[0] <= Decimal(value) <= self.within[1]:
            raise Malformed(f"must be between {self.within[0]} and {self.within[1]}")
        return value


def _choice(of: type[StrEnum], meaning: str, read: Callable[[Observation], Value | None]) -> Field:
    return Field(FieldKind.CHOICE, meaning, read, choices=tuple(member.value for member in of))


def _history(kind: FieldKind, meaning: str, read: Callable[[Snapshot], Value | None]) -> Field:
    def known(observation: Observation) -> Value | None:
        snapshot = observation.snapshot
        return None if snapshot is None else read(snapshot)

    return Field(kind, meaning, known, from_history=True)


def _habit(kind: FieldKind, meaning: str, read: Callable[[Observation], Value | None]) -> Field:
    return Field(kind, meaning, read, from_history=True)


def _local(least: int, most: int, meaning: str, read: Callable[[datetime], int]) -> Field:
    return Field(FieldKind.INTEGER, meaning, lambda o: read(o.local_time), within=(least, most))


def _is_night(observation: Observation) -> bool:
    hour = observation.local_time.hour
    return hour >= _NIGHT_BEGINS or hour < _NIGHT_ENDS


_MONEY, _NUMBER, _INTEGER = FieldKind.MONEY, FieldKind.NUMBER, FieldKind.INTEGER
_TEXT, _FLAG = FieldKind.TEXT, FieldKind.FLAG

FIELDS: Final[Mapping[str, Field]] = MappingProxyType(
    {
        "amount_zar": Field(_MONEY, "amount in rand", lambda o: o.transaction.amount.amount),
        "sender_id": Field(_TEXT, "account that pays", lambda o: o.transaction.sender_id),
        "receiver_id": Field(_TEXT, "account that is paid", lambda o: o.transaction.receiver_id),
        "channel": _choice(Channel, "where the order was given", lambda o: o.transaction.channel),
        "rail": _choice(Rail, "payment system, if stated", lambda o: o.transaction.rail),
        "merchant_category": Field(
            _TEXT,
            "category of the merchant, if stated",
            lambda o: o.transaction.merchant_category,
        ),
        "receiver_country": Field(
            _TEXT,
            "country of the receiver's account, if stated (ZA)",
            lambda o: o.transaction.receiver_country,
        ),
        "velocity.count": _history(
            _INTEGER, "sender's payments in the window, with this one", lambda s: s.velocity.count
        ),
        "velocity.total_zar": _history(
            _MONEY, "sender's rand in the window, with this payment", lambda s: s.velocity.total
        ),
        "anomaly.z": Field(
            _NUMBER,
            "deviations above the sender's median, from 5 earlier payments on",
            lambda o: o.z_score,
            from_history=True,
        ),
        "anomaly.mean_zar": _history(
            _MONEY, "mean of the sender's latest 64 payments", habit_fields.mean
        ),
        "sender.payment_count": _history(
            _INTEGER,
            "sender's approved or cleared payments before this one",
            lambda s: s.sender.payments,
        ),
        "receiver.is_new_for_sender": _history(
            _FLAG,
            "the sender first paid this account less than 24 hours ago, or never",
            lambda s: s.receiver.new_for_sender,
        ),
        "amount.to_median": _habit(
            _NUMBER,
            "amount / sender's median of payments older than a day; needs 5",
            habit_fields.amount_to_median,
        ),
        "amount.to_largest": _habit(
            _NUMBER,
            "amount / sender's largest payment older than a day; needs 5",
            habit_fields.amount_to_largest,
        ),
        "amount.similar_to_other_beneficiary": _habit(
            _INTEGER,
            "most payments of about this amount to one other beneficiary, of the latest 64",
            habit_fields.similar_to_other_beneficiary,
        ),
        "sender.paid_to_received_24h": _habit(
            _NUMBER,
            "rand that the sender paid / rand that it received, in 24 hours",
            habit_fields.paid_to_received,
        ),
        "sender.since_first_seconds": _habit(
            _INTEGER,
            "seconds since the account's first approved payment",
            habit_fields.since_first_payment,
        ),
        "sender.since_last_seconds": _habit(
            _INTEGER, "seconds since the account's last payment", habit_fields.since_last_payment
        ),
        "sender.since_received_seconds": _history(
            _INTEGER,
            "seconds since the sender last received a payment",
            habit_fields.since_received,
        ),
        "sender.since_sim_swap_seconds": Field(
            _INTEGER, "seconds since the SIM swap, if stated", habit_fields.since_sim_swap
        ),
        "beneficiary.since_first_paid_seconds": _habit(
            _INTEGER,
            "seconds since the sender's first approved payment to this beneficiary",
            habit_fields.since_first_to_beneficiary,
        ),
        "beneficiary.since_added_seconds": Field(
            _INTEGER,
            "seconds since the sender saved the beneficiary, if stated",
            habit_fields.since_beneficiary_added,
        ),
        "device_id": Field(
            _TEXT, "device that gave the order, if stated", lambda o: o.transaction.device_id
        ),
        "device.is_new_for_sender": _habit(
            _FLAG,
            "the sender first used the device less than 24 hours ago, or never",
            habit_fields.device_is_new,
        ),
        **{name: _history(kind, meaning, read) for name, kind, meaning, read in span_fields()},
        "local_hour": _local(0, 23, "hour in South Africa", lambda at: at.hour),
        "local_weekday": _local(1, 7, "day of the week, Monday is 1", lambda at: at.isoweekday()),
        "local_day_of_month": _local(1, 31, "day of the month", lambda at: at.day),
        "is_weekend": Field(
            _FLAG, "Saturday or Sunday", lambda o: o.local_time.isoweekday() >= _SATURDAY
        ),
        "is_night": Field(_FLAG, "from 22:00 to 04:59 in South Africa", _is_night),
    }
)
