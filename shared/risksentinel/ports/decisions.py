"""Decisions: stored decisions, and everything that they were made with, for a replay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from risksentinel.domain.signal import Opinion
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Rejected
from risksentinel.rules.rule import StoredRule


class NotVerifiable(Rejected):
    """Something that a decision was made with is no longer there: it cannot be computed again."""


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A payment with its receipt; `row` has the members that the database stores beside it."""

    transaction: Transaction
    receipt: Mapping[str, Any]
    row: Mapping[str, Any]


class Decisions(Protocol):
    """Stored decisions, for readers."""

    def decision(self, transaction_id: str) -> StoredDecision:
        """The decision on a payment. Raises NotFound."""

    def since(self, since: datetime) -> Iterator[StoredDecision]:
        """Every decision from this moment on, in the order of scoring."""

    def basis(self, digest: str) -> Mapping[str, Any]:
        """The document of a basis. Raises NotFound."""

    def rule(self, rule_id: str, version: int) -> StoredRule:
        """A version of a rule. Raises NotFound."""


class PastModels(Protocol):
    """The models of the registry, promoted or not."""

    def opinion(self, model: Mapping[str, Any], features: Mapping[str, Any]) -> Opinion:
        """The opinion of this version on a payment with these features.

        Raises:
            NotVerifiable: the registry does not have the version, or it cannot be loaded.
            Malformed: the features are not those of the version.
        """
