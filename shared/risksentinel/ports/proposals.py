"""Proposals: changes that wait for another person's approval, for readers and for use cases."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.lists import ListLedger
from risksentinel.ports.pages import Page
from risksentinel.ports.policies import PolicyLedger
from risksentinel.ports.rule_records import RuleLedger


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A policy that processes stated in their settings: its digest and content, and since when."""

    digest: str
    document: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class ProposalFilter:
    """Which proposals are listed; None: of every status or kind."""

    status: ProposalStatus | None = None
    kind: ProposalKind | None = None


class ProposalRecords(Protocol):
    """Proposals for readers."""

    def proposals(
        self, which: ProposalFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[Proposal]:
        """Newest first by `proposed_at`. Raises NoCursor where `after` is not a key."""

    def proposal(self, proposal_id: str) -> Proposal:
        """The proposal. Raises NotFound."""

    def attachment(self, proposal_id: str) -> bytes:
        """The file of the proposal; empty without one. Raises NotFound."""


class ProposalUnit(Protocol):
    """One database transaction that writes proposals, and what an approved one changes."""

    @property
    def rules(self) -> RuleLedger:
        """The rules, in this transaction."""

    @property
    def lists(self) -> ListLedger:
        """The named lists, in this transaction."""

    @property
    def versions(self) -> PolicyLedger:
        """The versions of the policy, in this transaction."""

    def proposal(self, proposal_id: str) -> Proposal:
        """The proposal, locked against other writers until the unit ends. Raises NotFound."""

    def attachment(self, proposal_id: str) -> bytes:
        """The file of the proposal; empty without one. Raises NotFound."""

    def pending(self, proposer: str) -> int:
        """The number of pending proposals of this proposer."""

    def approved(self, kind: ProposalKind, subject: str) -> Proposal | None:
        """The newest approved proposal that is not in force yet, locked as `proposal`."""

    def policies(self) -> Sequence[StoredPolicy]:
        """The policy of the settings and the one before it, the newest first.

        Other units wait here until this one ends.
        """

    def put_policy(self, policy: StoredPolicy) -> None:
        """Store the policy of the settings from now on."""

    def live_policy(self) -> PolicyVersion | None:
        """The live version, with the lock of `policies`; None before the first start."""

    def propose(self, proposal: Proposal, attachment: bytes) -> None:
        """Store a new proposal."""

    def change(self, proposal: Proposal) -> None:
        """Store the decision on a proposal, and since when it is in force."""

    def note(self, details: Mapping[str, str]) -> None:
        """Add these details to every audit entry of the unit that follows."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...


class ProposalLedger(Protocol):
    """The database for use cases that write proposals."""

    def unit(self) -> AbstractContextManager[ProposalUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
