"""Rules, seen from those who only read."""

from typing import Protocol

from risksentinel.ports.pages import Page
from risksentinel.rules.rule import KeptRule


class RuleRecords(Protocol):
    """Rules, seen from those who only read: the newest version of each."""

    def rules(
        self, after: tuple[str, ...] | None, most: int, *, active_only: bool
    ) -> Page[KeptRule]:
        """Newest first by when they were made. Raises NoCursor where `after` is no key."""

    def rule(self, rule_id: str) -> KeptRule:
        """The newest version. Raises NotFound."""

    def author(self, rule: KeptRule) -> str | None:
        """Who wrote this version, as the audit log says; None where its retention is over."""
