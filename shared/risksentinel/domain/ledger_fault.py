"""Fault: one difference between the ledger and the database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong.

    `sequence` is the place of the entry in the ledger, None behind its end. A fault of which only a
    range of entries is known has the first of them, and in `end` the place after the last.
    """

    sequence: int | None
    what: str
    end: int | None = None

    @property
    def order(self) -> tuple[bool, int]:
        """The first wrong entry first: an entry is named before a range that contains it."""
        return self.sequence is None, self.sequence or 0 if self.end is None else self.end
