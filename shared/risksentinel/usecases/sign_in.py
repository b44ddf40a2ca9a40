"""SignIn, SignOut: start and end the session of a person, each with an audit entry."""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.session import Person, Session, digest_of
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.sessions import SessionLedger, SessionUnit

RandomBytes = Callable[[int], bytes]
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class SignIn:
    """Starts sessions. Each sign-in makes a new cookie, whatever the browser sent."""

    ledger: SessionLedger
    clock: Clock
    new_id: NewId
    random: RandomBytes

    def __call__(self, person: Person, cookie_name: str, before: str | None) -> str:
        """Start a session and return the value of its cookie; the session of `before` ends."""
        now = self.clock()
        value = urlsafe_b64encode(self.random(_SECRET_BYTES)).decode().rstrip("=")
        session = Session(
            id=self.new_id(),
            digest=str(digest_of(f"{cookie_name}={value}")),
            name=person.name,
            roles=person.roles,
            label_sources=person.label_sources,
            started_at=now,
            used_at=now,
        )
        details = {"proof": person.proof, "roles": sorted(person.roles)}
        with self.ledger.unit() as unit:
            unit.clean(now)
            _end(unit, before, now)
            unit.start(session)
            unit.audit([_entry(session, now, "session.started", details)])
        return value


@dataclass(frozen=True, slots=True)
class SignOut:
    """Ends sessions."""

    ledger: SessionLedger
    clock: Clock

    def __call__(self, cookie: str) -> None:
        """End the session of the cookie, if it has one."""
        with self.ledger.unit() as unit:
            _end(unit, cookie, self.clock())


def _end(unit: SessionUnit, cookie: str | None, now: datetime) -> None:
    digest = None if cookie is None else digest_of(cookie)
    session = None if digest is None else unit.end(digest)
    if session is not None:
        unit.audit([_entry(session, now, "session.ended", {})])


def _entry(session: Session, at: datetime, action: str, details: dict[str, Any]) -> AuditEntry:
    return AuditEntry(at, session.name, action, "session", session.id, details)
