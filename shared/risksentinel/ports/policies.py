"""PolicyRecords, PolicyUnit: versions of the policy, for readers and for use cases."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from risksentinel.domain.policy_version import PolicyState, PolicyVersion
from risksentinel.ports.pages import Page
from risksentinel.ports.rule_records import RuleUnit
from risksentinel.rules.rule import StoredRule


class PolicyRecords(Protocol):
    """Versions for readers."""

    def policies(
        self, state: PolicyState | None, after: tuple[str, ...] | None, most: int
    ) -> Page[PolicyVersion]:
        """The newest first. Raises NoCursor where `after` is not a key."""

    def policy(self, number: int) -> PolicyVersion:
        """The version. Raises NotFound."""

    def live(self) -> PolicyVersion | None:
        """The live version; None before the first start."""


class PolicyUnit(RuleUnit, Protocol):
    """One database transaction that writes versions and the rules of a promoted one."""

    def live_policy(self) -> PolicyVersion | None:
        """The live version; other writers of rules and versions wait until the unit ends."""

    def policy(self, number: int) -> PolicyVersion:
        """The version, with the lock of `live_policy`. Raises NotFound."""

    def shadow_policy(self) -> PolicyVersion | None:
        """The version in shadow, with the lock of `live_policy`."""

    def active_rules(self) -> Sequence[StoredRule]:
        """The rules in force, readable or not, in their order."""

    def add_policy(self, version: PolicyVersion) -> PolicyVersion:
        """Store a draft; its number is the next one, whatever it states."""

    def change_policy(self, version: PolicyVersion) -> None:
        """Store another state or content of a version."""


class PolicyLedger(Protocol):
    """The database for use cases that write versions."""

    def unit(self) -> AbstractContextManager[PolicyUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""


class NamedModels(Protocol):
    """The versions of the model that policies name."""

    def chosen(self, model: str | None) -> str | None:
        """The model of contents, with its digest. Raises Malformed where it cannot decide."""

    def require(self, number: int) -> None:
        """Return where the model of this version of the policy can decide. Raises Conflict."""

    def require_before(self, to: int | None) -> None:
        """The same for a rollback to this version, or to the one before the live one."""
