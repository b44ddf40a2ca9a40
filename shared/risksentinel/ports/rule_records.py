"""RuleRecords, RuleUnit: rules for readers, and for use cases that change rules."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from risksentinel.domain.next_live import NextLive
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.events.event import Event
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.pages import Page
from risksentinel.rules.rule import StoredRule


class RuleRecords(Protocol):
    """The newest version of each rule, for readers."""

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[StoredRule]:
        """Newest first by `created_at`. Raises NoCursor where `after` is not a key."""

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version. Raises NotFound."""

    def author(self, rule: StoredRule) -> str | None:
        """The author of this version, from the audit log; None after the log's retention."""


class RuleUnit(Protocol):
    """The part of a unit that changes rules."""

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version, locked against other writers until the unit ends. Raises NotFound."""

    def write_rule(self, rule: StoredRule) -> None:
        """Store a new version. Raises Conflict where another active rule has its name."""

    def next_live(self, step: NextLive) -> PolicyVersion | None:
        """Make the active rules a new live version of the policy; None before the first start.

        Its rules are pairs of id and version.
        """

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...

    def enqueue(self, events: Sequence[Event]) -> None: ...


class RuleLedger(Protocol):
    """The database for use cases that change rules; every `Ledger` is one."""

    def unit(self) -> AbstractContextManager[RuleUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
