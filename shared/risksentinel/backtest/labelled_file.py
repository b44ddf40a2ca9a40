"""LabelledFile: a file of payments, with labels if it has them -> events in order of time."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush
from itertools import islice
from pathlib import Path
from typing import Any, Final, Self

from risksentinel.domain.transaction import EARLIEST
from risksentinel.errors import Malformed, Misconfigured
from risksentinel.payment_files.cells import Times, missing, reader_of
from risksentinel.payment_files.column_names import columns_named
from risksentinel.payment_files.formats import FileFormat, format_of
from risksentinel.payment_files.in_order import SortedPayments
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.payment import FilePayment, PaymentReader
from risksentinel.payment_files.sources import Sources, find_sources
from risksentinel.payment_formats.payment_document import document
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment

_LABELS: Final = {"0": False, "1": True, "false": False, "true": True, "0.0": False, "1.0": True}


class NotInOrder(Exception):
    """A row is earlier than the row before it: read the file again, and sort it."""


@dataclass(slots=True)
class LabelledFile:
    """A file in a format of `risksentinel import`.

    The label of a payment is in a column like `is_fraud`, as 0 or 1; it is known from the time in
    the column `known_at`, or `delay` after the payment. A row that is not valid is counted in
    `refused`, and so is a payment with an id of an earlier one.
    """

    options: ImportOptions
    delay: timedelta
    form: FileFormat
    sources: Sources
    fraud: str | None
    known_at: str | None
    refused: int = 0
    _seen: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, options: ImportOptions, delay: timedelta, fraud: str | None = None) -> Self:
        """Find the columns; `fraud` is the name of the label's column, if it is not a common one.

        Raises:
            Misconfigured: a column is missing or ambiguous, with the options to give.
        """
        form = format_of(options.file, options.format_name)
        names = form.columns(options.file)
        if fraud is not None and fraud not in names:
            raise Misconfigured(f"--label {fraud}: {options.file} has no such column")
        found = columns_named("fraud", names) if fraud is None else [fraud]
        if len(found) > 1:
            raise Misconfigured(f"the label could be any of {', '.join(found)}: give --label")
        known = columns_named("known_at", names)
        sources = find_sources(names, options)
        return cls(options, delay, form, sources, next(iter(found), None), next(iter(known), None))

    def count(self) -> int:
        """The number of rows, which may be approximate."""
        rows = self.form.count(self.options.file)
        return rows if self.options.limit is None else min(rows, self.options.limit)

    def events(self, moved: Callable[[int], None], *, in_order: bool = True) -> Iterator[PastEvent]:
        """Yield payments and labels by time; `moved` gets the number of rows that were read.

        A payment is received when it is made. A label of a genuine payment does no more than clear
        the payment, if it is under review. With `in_order` False the rows are sorted first.

        Raises:
            NotInOrder: the rows are not in order of time.
            Misconfigured: the file is damaged, or its rows cannot be sorted.
        """
        self.refused = 0
        self._seen.clear()
        waiting: list[tuple[datetime, int, PastPayment]] = []
        order = 0
        for known_at, past in self._payments(moved, in_order=in_order):
            while waiting and waiting[0][0] <= past.at:
                yield _label(order, *heappop(waiting))
                order += 1
            placed = PastPayment(order, past.payment, past.at, fraud=past.fraud)
            yield placed
            if past.fraud is not None:
                heappush(waiting, (max(known_at, past.at), order, placed))
            order += 1

    def _payments(
        self, moved: Callable[[int], None], *, in_order: bool
    ) -> Iterator[tuple[datetime, PastPayment]]:
        rows = self._read(moved)
        if not in_order:
            with closing(SortedPayments.of(rows)) as found:
                yield from self._labelled(iter(found))
            return
        last = EARLIEST
        for known_at, past in self._labelled(rows):
            if past.at < last:
                raise NotInOrder
            last = past.at
            yield known_at, past

    def _read(self, moved: Callable[[int], None]) -> Iterator[FilePayment]:
        reader = PaymentReader.of(self.sources, self.options)
        wanted = {*self.sources.columns.values(), self.fraud, self.known_at} - {None}
        rows = self.form.rows(self.options.file, {name for name in wanted if name})
        for row in islice(rows, self.options.limit):
            moved(1)
            found = reader.read(row)
            if isinstance(found, FilePayment):
                yield found
            else:
                self.refused += 1

    def _labelled(self, rows: Iterator[FilePayment]) -> Iterator[tuple[datetime, PastPayment]]:
        times = reader_of("occurred_at", Times(self.options.timezone, self.options.epoch))
        latest = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
        for row in rows:
            cells = row.row.cells
            try:
                payment = document(row.document).transaction(lambda: "", latest)
                fraud = _fraud(cells.get(self.fraud) if self.fraud else None)
                stated = cells.get(self.known_at) if self.known_at else None
                known_at = (
                    payment.occurred_at + self.delay
                    if missing(stated)
                    else datetime.fromisoformat(times(stated)).astimezone(UTC)
                )
            except Malformed:
                self.refused += 1
                continue
            if payment.id in self._seen:
                self.refused += 1
                continue
            self._seen.add(payment.id)
            yield known_at, PastPayment(-1, payment, payment.occurred_at, fraud=fraud)


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    whole = sha256()
    with path.open("rb") as file:
        while some := file.read(1 << 20):
            whole.update(some)
    return whole.hexdigest()


def _label(order: int, known_at: datetime, of: int, past: PastPayment) -> PastLabel:
    return PastLabel(order, of, past.payment, known_at, past.fraud, only_clears=past.fraud is False)


def _fraud(cell: Any) -> bool | None:  # noqa: ANN401 - any cell of a file
    if missing(cell):
        return None
    found = _LABELS.get(str(cell).strip().casefold())
    if found is None:
        raise Malformed("a label must be 0 or 1")
    return found
