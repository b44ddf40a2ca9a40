"""Row -> payment in the form of the API, or a refused row with every violation."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from risksentinel.errors import Malformed, Violation
from risksentinel.payment_files.cells import CellReader, Times, missing, reader_of
from risksentinel.payment_files.column_names import REQUIRED, TARGETS
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.row import BrokenRow, Row
from risksentinel.payment_files.sources import Sources

Document = dict[str, str]
_IDS: Final = uuid.UUID("6f0d8b5e-0d0c-5a53-9d5c-2b0f2a1c7e11")
_ALWAYS: Final = frozenset({"id", "channel", *REQUIRED})


@dataclass(frozen=True, slots=True)
class FilePayment:
    """A payment that can be sent, with its row."""

    row: Row
    document: Document


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not a valid payment, with every violation."""

    row: Row | BrokenRow
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class PaymentReader:
    """Converts the rows of one file to payments."""

    columns: Mapping[str, tuple[str, CellReader]]
    constants: Mapping[str, str]
    id_prefix: str

    @classmethod
    def of(cls, sources: Sources, options: ImportOptions) -> Self:
        """Build the reader for a file with these sources."""
        # Rows with their own keys (JSON Lines) may contain an optional field later in the file.
        later = {name: name for name in TARGETS if name not in {"id", *sources.constants}}
        times = Times(options.timezone, options.epoch)
        columns = {
            target: (column, reader_of(target, times))
            for target, column in (later | dict(sources.columns)).items()
        }
        return cls(columns, sources.constants, options.id_prefix)

    def read(self, row: Row | BrokenRow) -> FilePayment | RefusedRow:
        """Return the payment of the row, or every violation of the row."""
        if isinstance(row, BrokenRow):
            return RefusedRow(row, (Violation("", row.reason),))
        document, violations = dict(self.constants), list[Violation]()
        for target, (column, read) in self.columns.items():
            cell = row.cells.get(column)
            try:
                if not missing(cell):
                    document[target] = read(cell)
                elif target in _ALWAYS:
                    violations.append(Violation(target, "is missing"))
            except Malformed as violation:
                violations.append(Violation(target, str(violation)))
        if violations:
            return RefusedRow(row, tuple(violations))
        document["id"] = self.id_prefix + (document.get("id") or _id(row.number, document))
        return FilePayment(row, document)


def _id(number: int, document: Document) -> str:
    # The id excludes the file name and the values of --set: the same row is the same payment, also
    # from a copy of the file, with --skip and --limit, or with another channel.
    parts = [number, *(document[name] for name in REQUIRED)]
    return str(uuid.uuid5(_IDS, json.dumps(parts)))
