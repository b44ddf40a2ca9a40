"""What a file says of the order behind each payment: device, SIM swap, beneficiary saved."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypedDict

from ml.dataset import Integers
from risksentinel.domain.transaction import EARLIEST, MAX_CLOCK_SKEW
from risksentinel.errors import Malformed

TIMES: Final = ("sim_swapped", "beneficiary_added")
_SKEW: Final = int(MAX_CLOCK_SKEW.total_seconds())


class OrderContext(TypedDict):
    """The optional fields of one Transaction; None where the file does not say."""

    device_id: str | None
    sim_swapped_at: datetime | None
    beneficiary_added_at: datetime | None


def order_contexts(
    columns: Mapping[str, Any], at: Integers, devices: Sequence[str | None]
) -> list[OrderContext]:
    """One context a payment; times are seconds since 1970, like the payments' own in `at`.

    Raises:
        Malformed: a time lies before 1990, or more than five minutes after its payment.
    """
    swapped, added = (_moments(part, columns.get(part), at) for part in TIMES)
    return [
        {"device_id": device, "sim_swapped_at": swap, "beneficiary_added_at": add}
        for device, swap, add in zip(devices, swapped, added, strict=True)
    ]


def _moments(part: str, times: Sequence[int | None] | None, at: Integers) -> list[datetime | None]:
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
            f"{len(wrong)} times of {part} lie before 1990 or more than five minutes after their "
            f"payment, the first in row {wrong[0]}: mend them, or --map {part}=…"
        )
    return [None if time is None else datetime.fromtimestamp(time, UTC) for time in times]
