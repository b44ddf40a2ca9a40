"""ProposeChange: rehearses a change, and stores it for another person to approve."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from risksentinel.domain.proposal import Proposal, ProposalKind, ProposedChange
from risksentinel.errors import Conflict, Malformed, StaleVersion
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.proposals import ProposalLedger, ProposalUnit
from risksentinel.usecases.apply_change import ApplyChange, State

_OF_DOCUMENTS: Final = frozenset(
    {ProposalKind.RULE_CREATE, ProposalKind.RULE_REPLACE, ProposalKind.RULE_PATCH}
)
MAX_PENDING: Final = 100  # of one proposer: each may have a file
MAX_ATTACHMENT: Final = 8 * 1024 * 1024  # bytes: an import of 4 MiB, with quotes where needed


class _Rehearsed(Exception):
    """Rolls the rehearsal back."""


@dataclass(frozen=True, slots=True)
class ProposeChange:
    """Proposes a change that would succeed now; nothing changes before its approval."""

    ledger: ProposalLedger
    clock: Clock
    new_id: NewId
    require_model: Callable[[ProposedChange], None]  # raises where the change names a wrong one

    def __call__(self, wanted: ProposedChange, proposer: str) -> Proposal:
        """Store the proposal.

        Raises:
            StaleVersion: the subject is not at the expected version.
            Conflict: the change would change nothing, or the proposer has too many proposals.
            Rejected: as the direct change raises it.
        """
        if len(wanted.attachment) > MAX_ATTACHMENT:
            raise Malformed(f"a proposal has at most {MAX_ATTACHMENT} bytes: split the file")
        self.require_model(wanted)
        wanted = wanted if wanted.subject else replace(wanted, subject=self.new_id())
        before, after = self._rehearsed(wanted, proposer)
        if before == after:
            raise Conflict("the change would change nothing")
        change = wanted.change
        if wanted.kind in _OF_DOCUMENTS and after is not None:
            change = after.document  # what is approved is what the approver sees
        proposal = Proposal(
            id=self.new_id(),
            kind=wanted.kind,
            subject=wanted.subject,
            change=change,
            based_on=None if before is None else before.name,
            before=None if before is None else before.document,
            after=None if after is None else after.document,
            proposed_by=proposer,
            proposed_at=self.clock(),
            reason=wanted.reason,
        )
        with self.ledger.unit() as unit:
            store(unit, proposal, wanted.attachment)
        return proposal

    def _rehearsed(self, wanted: ProposedChange, actor: str) -> tuple[State | None, State | None]:
        """The state of the subject before and after the change, which is rolled back."""
        apply = ApplyChange(self.clock, self.new_id)
        before = after = None
        with suppress(_Rehearsed), self.ledger.unit() as unit:
            before = apply.state(unit, wanted)
            if wanted.expected is not None and before is not None:
                _refuse_stale(wanted.expected, before)
            apply(unit, wanted, actor)
            after = apply.state(unit, wanted)
            raise _Rehearsed
        return before, after


def store(unit: ProposalUnit, proposal: Proposal, attachment: bytes = b"") -> None:
    """Store a new proposal and its audit entry. Raises Conflict where there are too many."""
    if unit.pending(proposal.proposed_by) >= MAX_PENDING:
        raise Conflict(f"{MAX_PENDING} of your proposals are pending: withdraw some first")
    unit.propose(proposal, attachment)
    details = {"change": proposal.change, "based_on": proposal.based_on, "reason": proposal.reason}
    entry = audit_entry(proposal, "proposed", proposal.proposed_by, details)
    unit.audit([entry])


def audit_entry(proposal: Proposal, what: str, actor: str, details: dict[str, Any]) -> AuditEntry:
    """The audit entry of a step of a proposal, at the time of its last step."""
    return AuditEntry(
        at=proposal.decided_at or proposal.proposed_at,
        actor=actor,
        action=f"proposal.{what}",
        subject_kind="proposal",
        subject_id=proposal.id,
        details={"kind": proposal.kind.value, "subject": proposal.subject, **details},
    )


def _refuse_stale(expected: int, before: State) -> None:
    if before.name != str(expected):
        raise StaleVersion(f"the rule is at version {before.name} now: read it again")
