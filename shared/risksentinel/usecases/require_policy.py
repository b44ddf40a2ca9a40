"""RequirePolicy: a process scores by the policy in force, or by one that another has approved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import MAX_NOTE, PolicyOrigin, PolicyVersion
from risksentinel.domain.proposal import Proposal, ProposalKind
from risksentinel.errors import Conflict, Misconfigured
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.proposals import ProposalLedger, ProposalUnit, StoredPolicy
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_document import (
    differences,
    digest_of,
    policy_document,
    setting_of,
)
from risksentinel.usecases.decide_proposal import put_in_force
from risksentinel.usecases.follow_policy import follow
from risksentinel.usecases.propose_change import store

ROLLOUT: Final = timedelta(minutes=10)  # in which processes of the policy before may still start
STARTED: Final = "start"  # the actor: a process that starts names no person


@dataclass(frozen=True, slots=True)
class RequirePolicy:
    """Records each change of the policy. Where it needs approval, refuses one without."""

    ledger: ProposalLedger
    clock: Clock
    new_id: NewId
    needs_approval: bool

    def __call__(self, policy: Policy) -> None:
        """Return where the process may score by the policy; record it if it is a change.

        Raises:
            Misconfigured: the policy is not in force, and no approval of it is unused.
        """
        now, document = self.clock(), policy_document(policy)
        digest = digest_of(document)
        with self.ledger.unit() as unit:
            known = unit.policies()
            live = unit.live_policy()
            if known and known[0].digest == digest and live is not None:
                return
            stated = known[0].document if known else {}
            changes = differences(stated, document)
            people: dict[str, Any] = {}
            if known and known[0].digest != digest and self.needs_approval:
                if _is_of_a_rollout(known, digest, now):
                    _audit(unit, now, "policy.still_in_use", digest, {})
                    return
                approval = unit.approved(ProposalKind.POLICY_CHANGE, digest)
                if approval is None or approval.based_on != known[0].digest:
                    raise Misconfigured(
                        f"{', '.join(changes)} differ from the policy in force, and the change is "
                        "not approved: run `risksentinel policy propose` with these settings, and "
                        "let another person approve the proposal"
                    )
                put_in_force(unit, approval, now, STARTED)
                people = _people(approval)
            unit.put_policy(StoredPolicy(digest, document, now))
            details = {"document": document, "changes": changes, **people}
            _audit(unit, now, "policy.in_force", digest, details)
            with unit.rules.unit() as rules:
                follow(
                    rules,
                    _first(document, now) if live is None else _next(live, stated, document, now),
                )

    def propose(self, policy: Policy, operator: str) -> Proposal:
        """Propose the policy. Raises Conflict where it needs no approval."""
        document = policy_document(policy)
        digest = digest_of(document)
        with self.ledger.unit() as unit:
            known = unit.policies()
            if not known or not self.needs_approval:
                raise Conflict("the policy needs no approval: the next start puts it in force")
            if known[0].digest == digest:
                raise Conflict("the policy of these settings is in force already")
            proposal = Proposal(
                id=self.new_id(),
                kind=ProposalKind.POLICY_CHANGE,
                subject=digest,
                change=document,
                based_on=known[0].digest,
                before=known[0].document,
                after=document,
                proposed_by=operator,
                proposed_at=self.clock(),
            )
            store(unit, proposal)
        return proposal


def _first(document: Mapping[str, Any], at: datetime) -> NextLive:
    note = "the settings of the first start"
    return NextLive(PolicyOrigin.START, STARTED, at, note, settings=document)


def _next(
    live: PolicyVersion, before: Mapping[str, Any], after: Mapping[str, Any], at: datetime
) -> NextLive:
    """The live settings with those that differ from the settings of the start before.

    What was promoted since stays in force where the settings of the processes did not change.
    """
    changed = {name: after[name] for name in after if before.get(name) != after[name]}
    settings = {**live.contents["settings"], **changed}
    names = ", ".join(setting_of(name) for name in sorted(changed))
    note = f"changed settings: {names}"
    return NextLive(PolicyOrigin.START, STARTED, at, note[:MAX_NOTE], settings=settings)


def _is_of_a_rollout(known: Sequence[StoredPolicy], digest: str, now: datetime) -> bool:
    return len(known) > 1 and known[1].digest == digest and now - known[0].at < ROLLOUT


def _people(approval: Proposal) -> dict[str, Any]:
    return {
        "proposal": approval.id,
        "proposed_by": approval.proposed_by,
        "approved_by": approval.decided_by,
    }


def _audit(
    unit: ProposalUnit, at: datetime, action: str, digest: str, details: Mapping[str, Any]
) -> None:
    unit.audit([AuditEntry(at, STARTED, action, "policy", digest, details)])
