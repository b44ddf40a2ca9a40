"""Row: what stands at one place of a file, before anybody understands it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One payment as the file has it.

    `number` counts rows from 1; `place` is where a person finds it: the line of a text file.
    """

    number: int
    place: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot even be taken apart, and why; `text` is what could be read of it."""

    number: int
    place: int
    reason: str
    text: str


class UnreadableCell:
    """A cell that its file cannot turn into a value."""
