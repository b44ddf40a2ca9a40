"""DecideProposal: approves, refuses and withdraws; an approval and its change are one commit."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus, ProposedChange
from risksentinel.errors import Conflict
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.proposals import ProposalLedger, ProposalUnit
from risksentinel.usecases.apply_change import ApplyChange
from risksentinel.usecases.propose_change import audit_entry


@dataclass(frozen=True, slots=True)
class DecideProposal:
    """Decides a pending proposal, once.

    Each method raises NotFound, Conflict where the proposal is decided already, and Forbidden where
    the caller must not decide it.
    """

    ledger: ProposalLedger
    clock: Clock
    new_id: NewId
    require_model: Callable[[ProposedChange], None]  # raises where the change names a wrong one

    def approve(self, proposal_id: str, by: str, reason: str = "") -> Proposal:
        """Approve the proposal, and make its change in the same commit.

        The change of a model or of the policy is not made: a command or a start makes it later.

        Raises:
            Conflict: the subject was changed since the proposal, which is stale from now on; or
                the change cannot be made now, and the proposal stays pending.
            Rejected: as the direct change raises it; the proposal stays pending.
        """
        now = self.clock()
        with self.ledger.unit() as unit:
            proposed = unit.proposal(proposal_id)
        change = ProposedChange(proposed.kind, proposed.subject, proposed.change)
        self.require_model(change)
        with self.ledger.unit() as unit:
            pending = unit.proposal(proposal_id)
            approved = pending.decided(ProposalStatus.APPROVED, by, now, reason)
            if approved.kind.is_applied_later:
                return _stored(unit, approved)
            wanted = _wanted(unit, pending)
            apply = ApplyChange(self.clock, self.new_id)
            state = apply.state(unit, wanted)
            if pending.based_on == (None if state is None else state.name):
                decided = _stored(unit, approved.applied(now))
                unit.note({"proposal": pending.id, "approved_by": by})
                apply(unit, wanted, pending.proposed_by)
            else:
                decided = _stored(unit, pending.decided(ProposalStatus.STALE, by, now, reason))
        if decided.status is ProposalStatus.STALE:
            raise Conflict("the subject was changed after the proposal: propose the change again")
        return decided

    def refuse(self, proposal_id: str, by: str, reason: str) -> Proposal:
        """Refuse the proposal. Raises Malformed without a reason."""
        return self._decide(proposal_id, ProposalStatus.REFUSED, by, reason)

    def withdraw(self, proposal_id: str, by: str, reason: str = "") -> Proposal:
        """Withdraw the caller's own proposal."""
        return self._decide(proposal_id, ProposalStatus.WITHDRAWN, by, reason)

    def _decide(self, proposal_id: str, status: ProposalStatus, by: str, reason: str) -> Proposal:
        with self.ledger.unit() as unit:
            proposal = unit.proposal(proposal_id)
            return _stored(unit, proposal.decided(status, by, self.clock(), reason))


def put_in_force(unit: ProposalUnit, proposal: Proposal, at: datetime, actor: str) -> Proposal:
    """Store since when an approved change is in force, and its audit entry. Raises Conflict."""
    applied = proposal.applied(at)
    unit.change(applied)
    people = {"proposed_by": proposal.proposed_by, "approved_by": proposal.decided_by}
    unit.audit([replace(audit_entry(applied, "in_force", actor, people), at=at)])
    return applied


def _stored(unit: ProposalUnit, decided: Proposal) -> Proposal:
    unit.change(decided)
    details = {"proposed_by": decided.proposed_by, "reason": decided.decision_reason}
    entry = audit_entry(decided, decided.status.value, decided.decided_by or "", details)
    unit.audit([entry])
    return decided


def _wanted(unit: ProposalUnit, proposal: Proposal) -> ProposedChange:
    is_import = proposal.kind is ProposalKind.LIST_IMPORT
    return ProposedChange(
        kind=proposal.kind,
        subject=proposal.subject,
        change=proposal.change,
        attachment=unit.attachment(proposal.id) if is_import else b"",
    )
