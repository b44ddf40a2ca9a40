"""RuleRecords: rules for readers."""

from typing import Protocol

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
