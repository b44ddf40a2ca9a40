"""SqlSessionUnit: one database transaction that starts and ends sessions."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, insert, or_

from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.session_records import session_of
from risksentinel.adapters.sql.tables.sessions import sessions
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.session import IDLE_LIFE, LIFE, Session
from risksentinel.ports.ledger import AuditEntry, Origin


@dataclass(frozen=True, slots=True)
class SqlSessionUnit:
    """Meets `ports.SessionUnit`; `SqlSessionLedger.unit` opens and ends the transaction."""

    connection: Connection
    rest: SqlUnit

    def start(self, session: Session) -> None:
        """Store a new session."""
        row = {
            "digest": session.digest,
            "id": session.id,
            "name": session.name,
            "roles": sorted(session.roles),
            "label_sources": sorted(session.label_sources),
            "started_at": session.started_at,
            "used_at": session.used_at,
        }
        self.connection.execute(insert(sessions).values(row))

    def end(self, digest: str) -> Session | None:
        """Delete the session, and return it; None if another unit ended it, or none has it."""
        mine = delete(sessions).where(sessions.c.digest == digest).returning(*sessions.c)
        row = self.connection.execute(mine).first()
        return None if row is None else session_of(row)

    def clean(self, at: datetime) -> None:
        """Delete the sessions that are no longer in force."""
        over = or_(sessions.c.started_at <= at - LIFE, sessions.c.used_at <= at - IDLE_LIFE)
        self.connection.execute(delete(sessions).where(over))

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rest.audit(entries)


@dataclass(frozen=True, slots=True)
class SqlSessionLedger:
    """Meets `ports.SessionLedger` on SQLite and PostgreSQL."""

    engine: Engine
    origin: Origin | None = None  # added to the details of each audit entry

    @contextmanager
    def unit(self) -> Iterator[SqlSessionUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing_line(self.engine) as line:
            unit = SqlSessionUnit(line.session, SqlUnit(line, origin=self.origin))
            yield unit
            unit.rest.commit()
