"""AuthenticateSession: the session of a person that is signed in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from risksentinel.domain.access import Principal
from risksentinel.domain.session import Session, digest_of
from risksentinel.errors import Forbidden, Unauthenticated
from risksentinel.ports.authentication import Credentials
from risksentinel.ports.environment import Clock
from risksentinel.ports.sessions import SessionRecords

FRESH_SECONDS: Final = 5.0  # a session that ended is refused by every function after this time
MAX_SESSIONS: Final = 10_000  # kept in memory
USE_PERIOD: Final = timedelta(minutes=1)
_UNKNOWN: Final = "the session has ended: sign in at /sign-in"
_CROSS_SITE: Final = (
    "a change with the cookie of a session must come from a page of this address: the browser then "
    "sends Sec-Fetch-Site: same-origin, or the Origin of PUBLIC_URL; a program uses an API key"
)
Ticks = Callable[[], float]  # seconds of a clock that never steps back


@dataclass(frozen=True, slots=True)
class _Known:
    session: Session
    principal: Principal
    read_at: float


class AuthenticateSession:
    """Finds the session of a cookie, and refuses what another site sends with the cookie.

    Sessions are cached by the digest of their cookie; only those that exist, so that a client that
    guesses cannot replace them. `life` bounds how long the roles of a sign-in count: a role that
    the issuer took away ends with the session.
    """

    def __init__(
        self,
        records: SessionRecords,
        clock: Clock,
        ticks: Ticks,
        origin: str | None,
        life: timedelta,
    ) -> None:
        self._records, self._clock, self._ticks, self._origin = records, clock, ticks, origin
        self.life = life
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def __call__(self, credentials: Credentials) -> Principal:
        """The person of the session.

        Raises:
            Unauthenticated: no session in force has the cookie.
            Forbidden: another site sent the request.
            Unavailable: the database does not answer.
        """
        self.refuse_cross_site(credentials)
        return self._found(credentials.session or "").principal

    def expires_at(self, cookie: str) -> datetime:
        """The end of the session, however often it is used. Raises Unauthenticated, Unavailable."""
        return self._found(cookie).session.expires_at(self.life)

    def refuse_cross_site(self, credentials: Credentials) -> None:
        """Raise Forbidden for a change that is not sent by a page of this address."""
        if not credentials.changes:
            return
        site, origin = credentials.fetch_site, credentials.origin
        is_own = site == "same-origin" if site else origin is not None and origin == self._origin
        if not is_own:
            raise Forbidden(_CROSS_SITE)

    def forget(self, cookie: str) -> None:
        """Remove the session from the cache: it has ended."""
        with self._lock:
            self._known.pop(digest_of(cookie) or "", None)

    def _found(self, cookie: str) -> _Known:
        digest = digest_of(cookie)
        known = None if digest is None else self._read(digest)
        now = self._clock()
        if known is None or not known.session.is_in_force(now, self.life):
            raise Unauthenticated(_UNKNOWN)
        if now - known.session.used_at >= USE_PERIOD:
            self._records.used(known.session.digest, now)
            self._keep(replace(known.session, used_at=now), known.read_at)
        return known

    def _read(self, digest: str) -> _Known | None:
        known, tick = self._known.get(digest), self._ticks()
        if known is not None and tick - known.read_at < FRESH_SECONDS:
            return known
        session = self._records.session(digest)
        if session is None:
            with self._lock:
                self._known.pop(digest, None)
            return None
        return self._keep(session, tick)

    def _keep(self, session: Session, read_at: float) -> _Known:
        known = _Known(session, session.principal, read_at)
        with self._lock:
            if session.digest not in self._known and len(self._known) >= MAX_SESSIONS:
                self._known.pop(next(iter(self._known)))
            self._known[session.digest] = known
        return known
