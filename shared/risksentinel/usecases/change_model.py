"""ChangeModel: promotes and rolls back models, audited; or proposes that, and applies approvals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from risksentinel.domain.model_version import (
    MODEL_FILE,
    PROMOTED,
    ROLLED_BACK,
    Manifest,
    Pointer,
)
from risksentinel.domain.proposal import Proposal, ProposalKind
from risksentinel.errors import Conflict, NotFound, NotMigrated
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.ports.proposals import ProposalLedger
from risksentinel.usecases.decide_proposal import put_in_force
from risksentinel.usecases.promote_model import PromoteModel
from risksentinel.usecases.propose_change import store


@dataclass(frozen=True, slots=True)
class ChangeModel:
    """Changes of the models of one name, by one operator; each is an audit entry.

    The storage of models and the database have no common commit: a promotion that the database
    does not record is repeated with the same command.
    """

    registry: ModelRegistry
    ledger: ProposalLedger | None  # None: no database, and nothing is audited or proposed
    clock: Clock
    new_id: NewId
    operator: str

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Publish a version. Raises Malformed, Conflict."""
        self.registry.publish(manifest, files)
        self._audit("model.published", manifest.name, of_manifest(manifest))

    def promote(self, name: str, version: str, *, force: bool) -> Pointer:
        """Promote the version at once. Raises NotFound, Conflict, StaleVersion."""
        promoted = PromoteModel(self.registry)(name, version, force=force)
        self._audit(PROMOTED, name, {**of_pointer(promoted), "forced": force})
        return promoted

    def roll_back(self, name: str) -> Pointer:
        """Promote the previously promoted version at once. Raises NotFound, StaleVersion."""
        promoted = self.registry.rollback(name)
        self._audit(ROLLED_BACK, name, of_pointer(promoted))
        return promoted

    def propose_promotion(self, name: str, version: str, *, force: bool) -> Proposal:
        """Propose the promotion of a version that can be promoted. Raises NotFound, Conflict."""
        PromoteModel(self.registry).check(name, version, force=force)
        after = self._shown(self.registry.pointer(name, version), name)
        change = {"version": version, "forced": force}
        return self._propose(ProposalKind.MODEL_PROMOTION, name, change, after)

    def propose_rollback(self, name: str) -> Proposal:
        """Propose to promote the previous version again. Raises NotFound where there is none."""
        previous = self.registry.previous(name)
        if previous is None:
            raise NotFound("no version was promoted before this one")
        change = {"version": previous.version, "forced": False}
        after = self._shown(previous, name)
        return self._propose(ProposalKind.MODEL_ROLLBACK, name, change, after)

    def apply(self, proposal_id: str) -> Proposal:
        """Put an approved promotion or rollback in force.

        Raises:
            NotFound: there is no such proposal, or its version is not published.
            Conflict: the proposal is of another kind, not approved or in force already; the version
                is not the approved one; or another one was promoted since the proposal.
        """
        with self._database().unit() as unit:
            proposal = unit.proposal(proposal_id)
            at = self.clock()
            proposal.applied(at)
            if proposal.kind not in {ProposalKind.MODEL_PROMOTION, ProposalKind.MODEL_ROLLBACK}:
                raise Conflict(f"the proposal is of kind {proposal.kind}, not of a model")
            pointer, action = self._applied(proposal)
            people = {"proposed_by": proposal.proposed_by, "approved_by": proposal.decided_by}
            made = {**proposal.change, **of_pointer(pointer)}
            details = {**made, **people, "proposal": proposal.id}
            subject = proposal.subject
            unit.audit([AuditEntry(at, self.operator, action, "model", subject, details)])
            return put_in_force(unit, proposal, at, self.operator)

    def _applied(self, proposal: Proposal) -> tuple[Pointer, str]:
        name, version = proposal.subject, proposal.change["version"]
        # The manifest names the model's digest, its features and its weights: all are approved.
        wanted, approved = self.registry.pointer(name, version), proposal.after or {}
        if wanted.manifest_sha256 != approved.get("manifest_sha256"):
            raise Conflict(f"version {version} is not the one that was approved")
        is_rollback = proposal.kind is ProposalKind.MODEL_ROLLBACK
        action = ROLLED_BACK if is_rollback else PROMOTED
        now = self.registry.promoted(name)
        if now == wanted:
            return wanted, action  # an earlier attempt did not reach the database
        if _digest(now) != proposal.based_on:
            raise Conflict(
                "another version was promoted since the proposal: propose the change again"
            )
        if is_rollback:
            return self.registry.rollback(name), action
        return self.registry.promote(name, version), action

    def _propose(
        self,
        kind: ProposalKind,
        name: str,
        change: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> Proposal:
        promoted = self.registry.promoted(name)
        proposal = Proposal(
            id=self.new_id(),
            kind=kind,
            subject=name,
            change=change,
            based_on=_digest(promoted),
            before=None if promoted is None else of_pointer(promoted),
            after=after,
            proposed_by=self.operator,
            proposed_at=self.clock(),
        )
        with self._database().unit() as unit:
            store(unit, proposal)
        return proposal

    def _shown(self, pointer: Pointer, name: str) -> dict[str, Any]:
        """The version as the approver sees it."""
        manifest = self.registry.manifest(name, pointer.version)
        return {**of_manifest(manifest), **of_pointer(pointer)}

    def _database(self) -> ProposalLedger:
        if self.ledger is None:
            raise NotMigrated("proposals need a database: run `risksentinel migrate`")
        return self.ledger

    def _audit(self, action: str, name: str, details: Mapping[str, Any]) -> None:
        if self.ledger is None:
            return
        entry = AuditEntry(self.clock(), self.operator, action, "model", name, details)
        with self.ledger.unit() as unit:
            unit.audit([entry])


def of_pointer(pointer: Pointer) -> dict[str, Any]:
    """The version of a pointer, and the digest of its manifest."""
    return {"version": pointer.version, "manifest_sha256": pointer.manifest_sha256}


def of_manifest(manifest: Manifest) -> dict[str, Any]:
    """The version of a manifest, the digest of its model, and its metrics."""
    digest = manifest.files[MODEL_FILE].sha256
    return {
        "version": manifest.version,
        "model_sha256": digest,
        "metrics": dict(manifest.metrics),
    }


def _digest(pointer: Pointer | None) -> str | None:
    return None if pointer is None else pointer.manifest_sha256
