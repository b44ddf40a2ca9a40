"""Revision: a payment that was decided without a source, and what it is with the source."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.verdict import GRAVITY, Scored


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

    `decided_without` names the absent sources: history, rules, lists, model. `late` says whether
    the payment arrived too late after its time, by the policy of the first decision: an import of
    the past is never late.
    """

    transaction_id: str
    decided_without: tuple[str, ...]
    scored_at: datetime
    late: bool
    first: Outcome
    state: RevisionState = RevisionState.WAITING
    second: Outcome | None = None
    reasons: tuple[str, ...] = ()
    looked_at: datetime | None = None

    @property
    def lacked_history(self) -> bool:
        """Whether the history did not answer, so that it may lack the payment."""
        return "history" in self.decided_without

    @classmethod
    def of(cls, pair: Scored) -> "Revision | None":
        """The revision of an incomplete payment, which waits; None for any other payment.

        Imported history is not looked at again.
        """
        verdict = pair.verdict
        without = verdict.explanation.get("decided_without")
        if not without or verdict.learn_only:
            return None
        return cls(
            transaction_id=pair.transaction.id,
            decided_without=tuple(without),
            scored_at=verdict.scored_at,
            late=verdict.explanation["late"],
            first=Outcome(verdict.decision, verdict.score, verdict.alert),
        )


def state_of(first: Outcome, second: Outcome) -> RevisionState:
    """Return how the second decision compares; the alert decides between equal decisions."""
    before = (GRAVITY[first.decision], first.alert)
    after = (GRAVITY[second.decision], second.alert)
    if before == after:
        return RevisionState.CONFIRMED
    return RevisionState.GRAVER if after > before else RevisionState.MILDER
