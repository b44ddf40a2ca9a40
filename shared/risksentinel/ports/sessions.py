"""Sessions of people: the records that authentication reads, and the transactions that write."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from risksentinel.domain.session import Session
from risksentinel.ports.ledger import AuditEntry


class SessionRecords(Protocol):
    """The stored sessions, for readers."""

    def session(self, digest: str) -> Session | None:
        """The session of this digest, whether in force or not. Raises Unavailable."""

    def used(self, digest: str, at: datetime) -> None:
        """Store that the session was used, unless a later use is stored."""


class SessionUnit(Protocol):
    """One database transaction that starts and ends sessions."""

    def start(self, session: Session) -> None: ...

    def end(self, digest: str) -> Session | None:
        """Delete the session, and return it; None if another unit ended it, or none has it."""

    def clean(self, at: datetime) -> None:
        """Delete the sessions that are no longer in force."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...


class SessionLedger(Protocol):
    """The database for the use cases that start and end sessions."""

    def unit(self) -> AbstractContextManager[SessionUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
