"""SqlSessionRecords: what authentication reads of sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, select, update

from risksentinel.adapters.sql.engine import looking, writing
from risksentinel.adapters.sql.tables.sessions import sessions
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from risksentinel.domain.session import Session


@dataclass(frozen=True, slots=True)
class SqlSessionRecords:
    """Meets `ports.SessionRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def session(self, digest: str) -> Session | None:
        """The session of this digest, whether in force or not. Raises Unavailable."""
        with looking(self.engine) as connection:
            row = connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
        return None if row is None else session_of(row)

    def used(self, digest: str, at: datetime) -> None:
        """Store that the session was used, unless a later use is stored."""
        mine = update(sessions).where(sessions.c.digest == digest, sessions.c.used_at < at)
        with writing(self.engine) as connection:
            connection.execute(mine.values(used_at=at))


def session_of(row: Row[Any]) -> Session:
    """The session in a row; roles of a later release give no rights in this one."""
    return Session(
        id=row.id,
        digest=row.digest,
        name=row.name,
        roles=frozenset(role for role in Role if role in row.roles),
        label_sources=frozenset(each for each in LabelSource if each in row.label_sources),
        started_at=row.started_at,
        used_at=row.used_at,
    )
