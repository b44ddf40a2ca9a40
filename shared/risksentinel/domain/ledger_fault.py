"""Fault: one difference between the ledger and the database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong; `sequence` is the place in the ledger, None behind its end."""

    sequence: int | None
    what: str
