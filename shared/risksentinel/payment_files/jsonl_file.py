"""JSON Lines -> rows: one object per line."""

import json
from collections.abc import Collection, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

from risksentinel.payment_files.lines import count_lines, lines, text_rows
from risksentinel.payment_files.row import BrokenRow, Row

_ROWS_SCANNED: Final = 100


def columns(path: Path) -> list[str]:
    """The keys of the first hundred lines, in order of appearance."""
    first = islice(rows(path, ()), _ROWS_SCANNED)
    return list(dict.fromkeys(key for row in first if isinstance(row, Row) for key in row.cells))


def rows(path: Path, _wanted: Collection[str]) -> Iterator[Row | BrokenRow]:
    """One row per line; numbers keep every digit of the file."""
    return text_rows(lines(path), _object)


def count(path: Path) -> int:
    """The approximate number of rows."""
    return count_lines(path)


def _object(text: str) -> dict[str, object]:
    try:
        found = _DECODER.decode(text)
    except _UnclearError as fault:
        raise ValueError(str(fault)) from None
    except (ValueError, ArithmeticError, RecursionError):
        raise ValueError("the line is not valid JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the line is not a JSON object")  # noqa: TRY004 - the file is wrong, not the program
    return found


class _UnclearError(Exception):
    """JSON that the grammar allows and that has no clear meaning."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _UnclearError("the line has a key twice")
    return found


def _no_number(name: str) -> object:
    raise _UnclearError(f"the line has {name}, which is not a number in JSON")


_DECODER: Final = json.JSONDecoder(
    parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_once
)
