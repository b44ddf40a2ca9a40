"""Reads the lines of a text file in bounded memory, including overlong and damaged lines."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from risksentinel.payment_files.row import BrokenRow, Row

MAX_LINE_BYTES: Final = 1 << 20
_SHOWN: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number, without line end; of an overlong line, the beginning."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 2):
            number += 1
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE_BYTES)
            yield number, (line.removeprefix(_BOM) if number == 1 else line).rstrip(b"\r\n")


def decoded(line: bytes) -> str:
    """Decode the line. Raises ValueError with the reason."""
    if len(line) > MAX_LINE_BYTES:
        raise ValueError("the line is longer than 1 MiB")
    if b"\0" in line:
        raise ValueError("the line contains a NUL character")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError("the line is not valid UTF-8") from None


def text_rows(
    numbered: Iterator[tuple[int, bytes]], cells: Callable[[str], Mapping[str, object]]
) -> Iterator[Row | BrokenRow]:
    """Yield one row per line that is not blank; `cells` raises ValueError with the reason."""
    number = 0
    for place, line in numbered:
        if not line.strip():
            continue
        number += 1
        try:
            yield Row(number, place, cells(decoded(line)))
        except ValueError as fault:
            shown = line[:_SHOWN].decode(errors="replace")
            yield BrokenRow(number, place, str(fault), shown)


def count_lines(path: Path) -> int:
    """The number of line ends in the file."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(MAX_LINE_BYTES), b""))
