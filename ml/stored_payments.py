"""StoredPayments: payments in order of time on disk, of which one segment is in memory."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, overload

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from risksentinel.domain.transaction import Transaction
from risksentinel.partitioned.event_table import from_parquet, to_parquet
from risksentinel.scoring.partitions.past_events import PastPayment

ROWS: Final = 4_096  # of a segment
_SEGMENTS_OF_A_BUCKET: Final = 16  # that are sorted together
Integers = npt.NDArray[np.int64]


class StoredPayments(Sequence[Transaction]):
    """Payments in Parquet files of ROWS; in ascending order each file is read once."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder, self._count = folder, count
        self._number, self._segment = -1, list[Transaction]()

    @override
    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Transaction: ...
    @overload
    def __getitem__(self, place: slice) -> list[Transaction]: ...
    @override
    def __getitem__(self, place: int | slice) -> Transaction | list[Transaction]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if not -self._count <= place < self._count:
            raise IndexError(place)
        number, within = divmod(place % self._count, ROWS)
        if number != self._number:
            self._number, self._segment = number, self._read(number)
        return self._segment[within]

    @override
    def __iter__(self) -> Iterator[Transaction]:
        for number in range(-(-self._count // ROWS)):
            yield from self._read(number)

    def _read(self, number: int) -> list[Transaction]:
        return [past.payment for past in _read(self._folder / f"{number:08}.parquet")]


def stored_payments(
    payments: Iterable[Transaction], order: Integers, folder: Path
) -> StoredPayments:
    """Store payments, so that the first one is that at the place `order[0]`, and so on."""
    folder.mkdir(mode=0o700)
    count = len(order)
    places = np.empty(count, dtype=np.int64)
    places[order] = np.arange(count)
    placed: Iterator[PastPayment] = (
        PastPayment(int(place), payment, payment.occurred_at)
        for place, payment in zip(places, payments, strict=True)
    )
    if not (np.diff(order) == 1).all():
        placed = _sorted(placed, folder)
    for number, segment in enumerate(_batches(placed, ROWS)):
        _write(folder / f"{number:08}.parquet", segment)
    return StoredPayments(folder, count)


def _sorted(placed: Iterable[PastPayment], folder: Path) -> Iterator[PastPayment]:
    """Yield payments by place: they are divided into buckets of places, on disk."""
    size = ROWS * _SEGMENTS_OF_A_BUCKET
    for number, some in enumerate(_batches(placed, size)):
        buckets: dict[int, list[PastPayment]] = {}
        for past in some:
            buckets.setdefault(past.order // size, []).append(past)
        for bucket, part in buckets.items():
            _write(folder / f"bucket-{bucket:06}-{number:06}", part)
    for name in sorted({path.name[:13] for path in folder.glob("bucket-*")}):
        paths = list(folder.glob(f"{name}-*"))
        yield from sorted((past for path in paths for past in _read(path)), key=_place)
        for path in paths:
            path.unlink()


def _place(past: PastPayment) -> int:
    return past.order


def _write(path: Path, payments: Sequence[PastPayment]) -> None:
    path.write_bytes(to_parquet(payments))


def _read(path: Path) -> list[PastPayment]:
    return [each for each in from_parquet(path.read_bytes()) if isinstance(each, PastPayment)]


def _batches(payments: Iterable[PastPayment], size: int) -> Iterator[list[PastPayment]]:
    waiting: list[PastPayment] = []
    for past in payments:
        waiting.append(past)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting
