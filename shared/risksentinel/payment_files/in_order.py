"""Sorts payments by their times in bounded memory."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Self

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.payment import FilePayment
from risksentinel.payment_files.row import Row

# Of SQLite's cache and of its sorter; more data goes to temporary files.
_MEMORY_KIB: Final = 32_768
_INSERT: Final = "INSERT INTO payments VALUES (?, ?, ?)"
_IN_ORDER: Final = "SELECT stored FROM payments ORDER BY moment, number"


def ascending(payments: Iterable[FilePayment]) -> bool:
    """Whether no payment is earlier than the previous one; stops reading at the first that is."""
    last = ""
    for payment in payments:
        moment = _moment(payment)
        if moment < last:
            return False
        last = moment
    return True


class SortedPayments:
    """Payments from the earliest to the latest; payments of the same time keep their order.

    They are stored in a temporary SQLite database without a name. The operating system removes it
    when the process ends, also after `kill -9`, and no other process can open it.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in (
            "PRAGMA temp_store = FILE",
            f"PRAGMA cache_size = -{_MEMORY_KIB}",
            "PRAGMA journal_mode = OFF",
            "CREATE TABLE payments (moment TEXT, number INTEGER, stored TEXT)",
            "BEGIN",
        ):
            self._database.execute(statement)

    @classmethod
    def of(cls, payments: Iterable[FilePayment]) -> Self:
        """Store all payments. Raises Misconfigured if the disk is full."""
        found = cls()
        try:
            found._database.executemany(_INSERT, map(_stored, payments))
        except sqlite3.OperationalError as full:
            found.close()
            raise _no_room(full) from None
        except BaseException:
            found.close()
            raise
        return found

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM payments").fetchone()
        return int(count)

    def __iter__(self) -> Iterator[FilePayment]:
        """Yield each payment once. Raises Misconfigured if the disk is full."""
        try:
            for (stored,) in self._database.execute(_IN_ORDER):
                yield _restored(stored)
        except sqlite3.OperationalError as full:
            raise _no_room(full) from None

    def close(self) -> None:
        """Remove the temporary database."""
        self._database.close()


def _moment(payment: FilePayment) -> str:
    """The time of the payment in UTC, as text that sorts like the time."""
    moment = datetime.fromisoformat(payment.document["occurred_at"])
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _stored(payment: FilePayment) -> tuple[str, int, str]:
    row = payment.row
    # Cells in the form of the rejects file, which is their only remaining use.
    parts = [row.number, row.place, dict(row.cells), payment.document]
    return _moment(payment), row.number, json.dumps(parts, default=str)


def _restored(stored: str) -> FilePayment:
    number, place, cells, document = json.loads(stored)
    return FilePayment(Row(number, place, cells), document)


def _no_room(full: sqlite3.OperationalError) -> Misconfigured:
    return Misconfigured(
        f"the payments are not in order of time and cannot be sorted: {full}; "
        "free space in the folder for temporary files, or set TMPDIR to another folder"
    )
