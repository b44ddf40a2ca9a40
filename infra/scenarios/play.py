"""Converts a scenario into payments; pure, so that each run has the same payments."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from infra.scenarios.format import PaymentTemplate, Scenario, ScenarioStep
from risksentinel.text import rfc3339

T = TypeVar("T")
Document = dict[str, Any]
_PLACE: Final = re.compile(r"\{n(?:(%|//)([1-9]\d{0,5}))?\}", re.ASCII)
_ONE_DAY: Final = timedelta(days=1)


def payments(scenario: Scenario, suffix: str) -> list[list[Document]]:
    """Return the payments of each step in the API's format.

    Accounts and devices end in the suffix, so that two runs against one engine share no history.
    """
    steps, at = list[list[Document]](), scenario.begins
    for number, step in enumerate(scenario.steps):
        moments = list(_moments(step, at))
        at = moments[-1]
        steps.append(
            [
                {
                    "id": f"{scenario.name}.{number}.{n}{suffix}",
                    "occurred_at": rfc3339.to_text(_of(step.skew, n).after(moment)),
                    **_stated(step.payment, n, moment, suffix),
                }
                for n, moment in enumerate(moments)
            ]
        )
    return steps


def filled(text: str, n: int) -> str:
    """Replace {n}, {n%7} and {n//7} by the number of the payment in its step."""

    def value(place: re.Match[str]) -> str:
        operator, by = place.groups()
        if operator is None:
            return str(n)
        return str(n % int(by) if operator == "%" else n // int(by))

    return _PLACE.sub(value, text)


def _moments(step: ScenarioStep, before: datetime) -> Iterator[datetime]:
    """Yield the time of each payment, without skew, so that skew does not accumulate."""
    at = step.after.after(before)
    if step.at is not None:
        local = at.replace(hour=step.at.hour, minute=step.at.minute, second=step.at.second)
        at = local if local >= at else local + _ONE_DAY
    yield at
    for n in range(step.times - 1):
        at = _of(step.every, n).after(at)
        yield at


def _stated(payment: PaymentTemplate, n: int, at: datetime, suffix: str) -> Document:
    stated: Document = {
        "sender_id": filled(_of(payment.sender_id, n), n) + suffix,
        "receiver_id": filled(_of(payment.receiver_id, n), n) + suffix,
        "amount_zar": _of(payment.amount_zar, n),
        "channel": _of(payment.channel, n),
        "rail": _of(payment.rail, n),
        "merchant_category": _of(payment.merchant_category, n),
        "receiver_country": _of(payment.receiver_country, n),
    }
    device = _of(payment.device_id, n)
    stated["device_id"] = None if device is None else filled(device, n) + suffix
    if payment.sim_swapped_before is not None:
        stated["sim_swapped_at"] = rfc3339.to_text(payment.sim_swapped_before.before(at))
    if payment.beneficiary_added_before is not None:
        added_at = payment.beneficiary_added_before.before(at)
        stated["beneficiary_added_at"] = rfc3339.to_text(added_at)
    return {name: value for name, value in stated.items() if value is not None}


def _of(values: Sequence[T], n: int) -> T:
    return values[n % len(values)]
