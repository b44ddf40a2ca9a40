"""Revision: a payment that was decided without a source, and what it is with the source."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.transaction import Transaction


class RevisionState(StrEnum):
    """How far the second look at a payment is."""

    WAITING = "waiting"  # a source is still absent
    CONFIRMED = "confirmed"  # with all sources the decision is the same
    MILDER = "milder"
    GRAVER = "graver"
    GIVEN_UP = "given_up"  # the sources stayed absent too long


@dataclass(frozen=True, slots=True)
class Revision:
    """`first` is the decision in force, which never changes; `second` the one with all sources.

    `decided_without` names the absent sources: history, rules, lists, model.
    """

    transaction_id: str
    decided_without: tuple[str, ...]
    scored_at: datetime
    first: Outcome
    state: RevisionState = RevisionState.WAITING
    second: Outcome | None = None
    reasons: tuple[str, ...] = ()
    looked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaitingPayment:
    """A payment to look at again."""

    transaction: Transaction
    revision: Revision


def state_of(first: Outcome, second: Outcome) -> RevisionState:
    """Return how the second decision compares; the alert decides between equal decisions."""
    order = ("approve", "review", "decline")
    before = (order.index(first.decision), first.alert)
    after = (order.index(second.decision), second.alert)
    if before == after:
        return RevisionState.CONFIRMED
    return RevisionState.GRAVER if after > before else RevisionState.MILDER
