"""Lists as CSV: violations have line numbers; written cells are not formulas in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from risksentinel.domain.named_list import Entry, EntryDraft
from risksentinel.errors import Malformed, Violation
from risksentinel.text import rfc3339

COLUMNS: Final = ("value", "reason", "expires_at", "author", "created_at")
MAX_CELL: Final = 4096  # characters
MAX_VIOLATIONS: Final = 1000  # reading stops after so many violations
# A spreadsheet reads these cells as a formula (OWASP, CSV injection) or as a number with an
# exponent, with or without apostrophes before them: one apostrophe is added at writing and one
# removed at reading, so that the value stays the same.
_NUMBER: Final = r"[0-9][.,]?[0-9]*[eE]\+[0-9]+\Z"
_FORMULA: Final = re.compile(rf"'*(?:[=+\-@\t\r]|{_NUMBER})")
_GUARDED: Final = re.compile(rf"'+(?:[=+\-@\t\r]|{_NUMBER})")
_SHORTENED: Final = re.compile(_NUMBER)


def read_entries(lines: Iterable[str]) -> Iterator[EntryDraft]:
    """Yield the entries of a CSV whose first line names the columns, separated by , or ;.

    Raises:
        Malformed: at the end, with all violations; the path of each is `line N` of the text.
    """
    rest = iter(lines)
    first = next(rest, "").removeprefix("\ufeff")
    delimiter = ";" if "," not in first and ";" in first else ","
    rows = csv.reader(_chained(first, rest), delimiter=delimiter, strict=True)
    violations: list[Violation] = []
    seen: dict[int, int] = {}
    columns: Sequence[str] = ()
    while len(violations) < MAX_VIOLATIONS:
        try:
            row = next(rows, None)
            if row is None:
                break
            if not columns:
                columns = _columns(row)
            elif any(cell.strip() for cell in row):
                yield _draft(row, columns, seen, rows.line_num)
        except csv.Error as error:
            violations.append(Violation(f"line {rows.line_num}", f"is not CSV: {error}"))
        except Malformed as malformed:
            violations += [
                Violation(f"line {rows.line_num}", _at(violation.path, violation.message))
                for violation in malformed.violations
            ]
            if not columns:
                break
    if violations or not columns:
        raise Malformed(violations or [Violation("line 1", "must name the columns")])


def written(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield the lines of a CSV: the columns of `read_entries`, author and time of creation."""
    yield _line(COLUMNS)
    for entry in entries:
        expires_at = "" if entry.expires_at is None else rfc3339.to_text(entry.expires_at)
        made = rfc3339.to_text(entry.created_at)
        yield _line((entry.value, entry.reason, expires_at, entry.author, made))


def drafted(entries: Iterable[EntryDraft]) -> Iterator[str]:
    """Yield the lines of a CSV of new entries: `read_entries` yields the same entries."""
    yield _line(COLUMNS[:3])
    for entry in entries:
        expires_at = "" if entry.expires_at is None else rfc3339.to_text(entry.expires_at)
        yield _line((entry.value, entry.reason, expires_at))


def guarded(cell: str) -> str:
    """Return the cell as text that is not a formula in a spreadsheet; `unguarded` reverses it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """Return the cell without the apostrophe that `guarded` added."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(map(guarded, cells))
    return line.getvalue()


def _columns(row: Sequence[str]) -> Sequence[str]:
    columns = [cell.strip().lower() for cell in row]
    unknown = [name for name in columns if name not in COLUMNS]
    if "value" not in columns or unknown or len(set(columns)) < len(columns):
        raise Malformed(f"must name the columns: value, and any of {', '.join(COLUMNS[1:])}")
    return columns


def _draft(
    row: Sequence[str], columns: Sequence[str], seen: dict[int, int], line: int
) -> EntryDraft:
    if len(row) != len(columns):
        raise Malformed(f"has {len(row)} cells; the first line names {len(columns)} columns")
    if any(len(cell) > MAX_CELL for cell in row):
        raise Malformed(f"has a cell of more than {MAX_CELL} characters")
    cells = dict(zip(columns, row, strict=True))
    draft = EntryDraft(
        _value(cells["value"].strip()),
        unguarded(cells.get("reason", "")).strip(),
        _moment(cells.get("expires_at", "").strip()),
    )
    first = seen.setdefault(hash(draft.folded), line)
    if first != line:
        raise Malformed([Violation("value", f"repeats line {first}")])
    return draft


def _value(cell: str) -> str:
    if _SHORTENED.match(cell):
        message = "is a number that a spreadsheet shortened: format the column as text"
        raise Malformed([Violation("value", f"{message} (or begin it with ' if it is meant)")])
    return unguarded(cell)


def _moment(cell: str) -> datetime | None:
    if not cell:
        return None
    try:
        return rfc3339.parse(cell)
    except Malformed as malformed:
        raise Malformed([Violation("expires_at", str(malformed))]) from None


def _at(path: str, message: str) -> str:
    return f"{path} {message}" if path else message
