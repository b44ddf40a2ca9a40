"""API keys: the records that authentication reads, and the transactions that change keys."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from risksentinel.domain.api_key import ApiKey
from risksentinel.ports.ledger import AuditEntry


class KeyRecords(Protocol):
    """The stored keys, for readers."""

    def key(self, key_id: str) -> ApiKey | None:
        """The key of this id. Raises Unavailable."""

    def keys(self) -> Sequence[ApiKey]:
        """All keys, the oldest first."""

    def used(self, key_id: str, at: datetime) -> None:
        """Store that the key was used, unless a use in the minute before is stored."""


class KeyUnit(Protocol):
    """One database transaction that changes keys."""

    def key(self, key_id: str) -> ApiKey:
        """The key, locked against other writers until the unit ends. Raises NotFound."""

    def named(self, name: str) -> Sequence[ApiKey]:
        """The keys of this name."""

    def create(self, key: ApiKey) -> None: ...

    def change(self, key: ApiKey) -> None:
        """Store when the key expires and when it was revoked."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...


class KeyLedger(Protocol):
    """The database for the use case that changes keys."""

    def unit(self) -> AbstractContextManager[KeyUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
