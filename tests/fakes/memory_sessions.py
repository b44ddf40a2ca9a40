"""InMemorySessions: the sessions of people, as `ports.sessions` reads and writes them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from risksentinel.domain.session import LIFE, Session
from risksentinel.ports.ledger import AuditEntry


@dataclass(slots=True)
class InMemorySessions:
    """Records, ledger and unit in one; a unit that fails changes nothing."""

    rows: dict[str, Session] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    reads: int = 0
    uses: int = 0

    def session(self, digest: str) -> Session | None:
        """The session of this digest, whether in force or not."""
        self.reads += 1
        return self.rows.get(digest)

    def used(self, digest: str, at: datetime) -> None:
        """Store that the session was used, unless a later use is stored."""
        self.uses += 1
        if digest in self.rows and self.rows[digest].used_at < at:
            self.rows[digest] = replace(self.rows[digest], used_at=at)

    @contextmanager
    def unit(self) -> Iterator["InMemorySessions"]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        rows, entries = dict(self.rows), list(self.entries)
        try:
            yield self
        except BaseException:
            self.rows, self.entries = rows, entries
            raise

    def start(self, session: Session) -> None:
        """Store a new session."""
        self.rows[session.digest] = session

    def end(self, digest: str) -> Session | None:
        """Delete the session, and return it."""
        return self.rows.pop(digest, None)

    def clean(self, at: datetime) -> None:
        """Delete the sessions that are no longer in force."""
        self.rows = {key: each for key, each in self.rows.items() if each.is_in_force(at, LIFE)}

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.entries += entries
