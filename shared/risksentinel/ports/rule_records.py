"""RuleRecords: rules for readers."""

from typing import Protocol

from risksentinel.ports.pages import Page
from risksentinel.rules.rule import KeptRule


class RuleRecords(Protocol):
    """The newest version of each rule, for readers."""

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[KeptRule]:
        """Newest first by `created_at`. Raises NoCursor where `after` is not a key."""

    def rule(self, rule_id: str) -> KeptRule:
        """The newest version. Raises NotFound."""

    def author(self, rule: KeptRule) -> str | None:
        """The author of this version, from the audit log; None after the log's retention."""
