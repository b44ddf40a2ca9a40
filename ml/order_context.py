"""The order details of each payment in a file: device, SIM swap, time of the beneficiary."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypedDict

from ml.dataset import Integers
from risksentinel.domain.transaction import EARLIEST, MAX_CLOCK_SKEW
from risksentinel.errors import Malformed

_TIMES: Final = ("sim_swapped_at", "beneficiary_added_at")
_SKEW: Final = int(MAX_CLOCK_SKEW.total_seconds())


class OrderContext(TypedDict):
    """The optional order details of one Transaction; None if the file has no value."""

    device_id: str | None
    sim_swapped_at: datetime | None
    beneficiary_added_at: datetime | None


def order_contexts(
    columns: Mapping[str, Any], at: Integers, devices: Sequence[str | None]
) -> list[OrderContext]:
    """One context for each payment; all times, also `at`, are seconds since 1970 in UTC.

    Raises:
        Malformed: a time lies before 1990, or more than five minutes after its payment.
    """
    swapped, added = (_moments(name, columns.get(name), at) for name in _TIMES)
    return [
        {"device_id": device, "sim_swapped_at": swap, "beneficiary_added_at": add}
        for device, swap, add in zip(devices, swapped, added, strict=True)
    ]


def _moments(name: str, times: Sequence[int | None] | None, at: Integers) -> list[datetime | None]:
    if times is None:
        return [None] * len(at)
    earliest = int(EARLIEST.timestamp())
    wrong = [
        row
        for row, (time, paid) in enumerate(zip(times, at.tolist(), strict=True), 1)
        if time is not None and not earliest <= time <= paid + _SKEW
    ]
    if wrong:
        raise Malformed(
            f"{len(wrong)} times of {name} lie before 1990 or more than five minutes after their "
            f"payment, the first in row {wrong[0]}: correct them, or --map {name}=…"
        )
    return [None if time is None else datetime.fromtimestamp(time, UTC) for time in times]
