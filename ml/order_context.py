"""The order details of each payment in a file: device, SIM swap, time of the beneficiary."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import repeat
from typing import Final, TypedDict

import numpy as np

from ml.dataset import Integers
from ml.file_column import FileColumn
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
    columns: Mapping[str, FileColumn], at: Integers, devices: Iterable[str | None]
) -> Iterator[OrderContext]:
    """One context for each payment; all times, also `at`, are seconds since 1970 in UTC.

    All times are checked before the first context.

    Raises:
        Malformed: a time lies before 1990, or more than five minutes after its payment.
    """
    swapped, added = (_moments(name, columns.get(name), at) for name in _TIMES)
    return (
        {"device_id": device, "sim_swapped_at": swap, "beneficiary_added_at": add}
        for device, swap, add in zip(devices, swapped, added, strict=True)
    )


def _moments(name: str, times: FileColumn | None, at: Integers) -> Iterable[datetime | None]:
    if times is None:
        return repeat(None, len(at))
    earliest = int(EARLIEST.timestamp())
    wrong = np.fromiter(
        (
            time is not None and not earliest <= time <= paid + _SKEW
            for time, paid in zip(times, at.tolist(), strict=True)
        ),
        np.bool_,
        len(at),
    )
    if wrong.any():
        raise Malformed(
            f"{wrong.sum()} times of {name} lie before 1990 or more than five minutes after their "
            f"payment, the first in row {wrong.argmax() + 1}: correct them, or --map {name}=…"
        )
    return (None if time is None else datetime.fromtimestamp(time, UTC) for time in times)
