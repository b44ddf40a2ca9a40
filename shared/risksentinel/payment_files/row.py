"""Row: the cells at one place of a file, before they are interpreted."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one payment.

    `number` counts rows from 1; `place` is the line in a text file, the row in Parquet.
    """

    number: int
    place: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that cannot be split into cells, with the reason; `text` is its readable part."""

    number: int
    place: int
    reason: str
    text: str


class UnreadableCell:
    """A cell whose value cannot be decoded."""
