"""Observation: a payment and what is known around it, as rules see it."""

from dataclasses import dataclass

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Observation:
    """`snapshot` is None where the history did not answer: fields of it are then unknown."""

    transaction: Transaction
    snapshot: Snapshot | None
