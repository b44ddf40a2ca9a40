"""Field values: enough values of a field to decide whether any value can meet some comparisons.

The result of a comparison changes only at the rule's values. So each of these values, and one
between each two of them, represent all values of a field.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from risksentinel.domain.flow import MAX_PAID, MAX_RECEIVED
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.party_state import MAX_PAYMENTS
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.observation import Observation

# The fields that every payment and every snapshot has: they are never missing.
ALWAYS_THERE: Final = frozenset(
    {
        *("amount_zar", "sender_id", "receiver_id", "channel", "local_hour", "local_weekday"),
        *("local_day_of_month", "is_weekend", "is_night", "velocity.count", "velocity.total_zar"),
        "sender.payment_count",
    }
)
# Fields that depend on the time of the payment, by the field that represents them.
_HOUR, _WEEKDAY, _DAY = "local_hour", "local_weekday", "local_day_of_month"
_DECIDED_BY: Final = {"is_night": _HOUR, "is_weekend": _WEEKDAY}
_MOMENTS: Final = {_HOUR: 24, _WEEKDAY: 7, _DAY: 31}
_MIDNIGHT: Final = datetime(2023, 12, 31, 22, tzinfo=UTC)  # Monday the 1st in South Africa
_STEPS: Final = {FieldKind.MONEY: Decimal("0.01"), FieldKind.INTEGER: 1}
_COUNTED_WITH_THIS: Final = ("sender.count_", "sender.beneficiaries_", "receiver.count_")


def group_of(field: str) -> str:
    """Return the field that represents all fields that depend on the same value."""
    return _DECIDED_BY.get(field, field)


def bounds_of(field: str) -> tuple[Any, Any]:
    """Return the least and the greatest value of an ordered field; None without a limit."""
    if within := FIELDS[field].within:
        return within
    if field == "amount_zar":
        return Decimal(0), LARGEST
    if field == "anomaly.z":
        return None, None
    if FIELDS[field].kind is not FieldKind.INTEGER:
        return 0, None
    this = field == "velocity.count" or field.startswith((*_COUNTED_WITH_THIS, "receiver.senders_"))
    return int(this), _greatest_count(field)


def _greatest_count(field: str) -> int | None:
    """Return the greatest count of a window: the stored payments of an account and this one."""
    if "_seconds" in field or field == "sender.payment_count":
        return None
    if field.startswith("sender.received_"):
        return MAX_RECEIVED
    if field.startswith("receiver."):
        return MAX_RECEIVED + 1
    return MAX_PAYMENTS if field.startswith("amount.") else MAX_PAID + 1


def ordered_values(field: str, of_the_rule: Iterable[Any]) -> list[Any]:
    """Return values of an ordered field around the values of a rule."""
    least, greatest = bounds_of(field)
    ends = [end for end in (least, greatest) if end is not None]
    points = sorted({*of_the_rule, *ends} or {0})
    step = _STEPS.get(FIELDS[field].kind)
    between = [low + step if step else (low + high) / 2 for low, high in pairwise(points)]
    beyond = [points[0] - (step or 1), points[-1] + (step or 1)]
    return [
        value
        for value in (*points, *between, *beyond)
        if (least is None or value >= least) and (greatest is None or value <= greatest)
    ]


@lru_cache
def payments_at(group: str) -> Sequence[Observation]:
    """Return a payment at each hour, on each weekday, or on each day of the month."""
    step = timedelta(hours=1) if group == _HOUR else timedelta(days=1)
    return [
        Observation(_payment(_MIDNIGHT + number * step), None) for number in range(_MOMENTS[group])
    ]


def is_of_a_moment(group: str) -> bool:
    """Return whether the field depends only on the time of the payment."""
    return group in _MOMENTS


def _payment(at: datetime) -> Transaction:
    return Transaction("x", "x", "x", Money(Decimal(0)), Channel.POS, at)
