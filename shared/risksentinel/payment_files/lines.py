"""The lines of a text file, however long or broken, in bounded memory."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from risksentinel.payment_files.row import BrokenRow, Row

MAX_LINE_BYTES: Final = 1 << 20
_SHOWN: Final = 4096
_BOM: Final = b"\xef\xbb\xbf"


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Each line with its number, without its end; of a longer one than allowed, the beginning."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 2):
            number += 1
            rest = line
            while rest and not rest.endswith(b"\n"):
                rest = file.readline(MAX_LINE_BYTES)
            yield number, (line.removeprefix(_BOM) if number == 1 else line).rstrip(b"\r\n")


def decoded(line: bytes) -> str:
    """The line as text. Raises ValueError with the reason."""
    if len(line) > MAX_LINE_BYTES:
        raise ValueError("the line is longer than 1 MiB")
    if b"\0" in line:
        raise ValueError("the line holds a NUL character")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise ValueError("the line is not valid UTF-8") from None


def text_rows(
    numbered: Iterator[tuple[int, bytes]], cells: Callable[[str], Mapping[str, object]]
) -> Iterator[Row | BrokenRow]:
    """One row a line that is not blank; `cells` raises ValueError with the reason."""
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
    """How many lines the file has, counted quickly."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(MAX_LINE_BYTES), b""))
