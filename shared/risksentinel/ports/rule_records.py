"""Rules, seen from those who only read."""

from typing import Protocol

from risksentinel.ports.pages import Page
from risksentinel.rules.rule import StoredRule


class RuleRecords(Protocol):
    """Rules, seen from those who only read: the newest version of each."""

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[StoredRule]:
        """Newest first by when they were made. Raises NoCursor where `after` is no key."""

    def rule(self, rule_id: str) -> StoredRule:
        """The newest version. Raises NotFound."""

    def author(self, rule: StoredRule) -> str | None:
        """Who wrote this version, as the audit log says; None where its retention is over."""
