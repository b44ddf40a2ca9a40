"""AuthenticateKey: the principal of an API key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from risksentinel.domain.access import Principal
from risksentinel.domain.api_key import ApiKey, key_text
from risksentinel.errors import Unauthenticated, Unavailable
from risksentinel.ports.api_keys import KeyRecords
from risksentinel.ports.environment import Clock

FRESH_SECONDS: Final = 5.0  # a revocation is in force after this time
OUTAGE_SECONDS: Final = 300.0  # a key that was read is accepted while the database is away
MAX_KEYS: Final = 10_000  # kept in memory
USE_PERIOD: Final = timedelta(minutes=1)
_UNKNOWN: Final = "the API key is unknown, expired or revoked"
Ticks = Callable[[], float]  # seconds of a clock that never steps back
Later = Callable[[Callable[[], None]], None]  # runs an action apart from the request


@dataclass(slots=True)
class _Known:
    """A stored key, as it was read at `read_at`; `asked_at` is the last attempt to read it."""

    key: ApiKey
    principal: Principal
    read_at: float
    asked_at: float
    used_at: datetime | None


class AuthenticateKey:
    """Verifies keys; stored keys are cached, secrets are not.

    Each request pays for the hash, so the duration says nothing about earlier requests. Only keys
    that exist are cached: a client that guesses cannot replace them.
    """

    def __init__(self, records: KeyRecords, clock: Clock, ticks: Ticks, later: Later) -> None:
        self._records, self._clock, self._ticks, self._later = records, clock, ticks, later
        self._known: dict[str, _Known] = {}
        self._lock = Lock()

    def __call__(self, sent: str) -> Principal:
        """The principal of a key in force.

        Raises:
            Unauthenticated: the key is unknown, expired or revoked.
            Unavailable: the database does not answer, and the key was not read lately.
        """
        text = key_text(sent)
        if text is None:
            raise Unauthenticated("the API key is not complete: send rs_ID_SECRET")
        known = self._read(text.id)
        now = self._clock()
        if known is None or not known.key.accepts(text.secret) or not known.key.is_in_force(now):
            raise Unauthenticated(_UNKNOWN)
        if known.used_at is None or now - known.used_at >= USE_PERIOD:
            known.used_at = now
            self._later(lambda: self._records.used(text.id, now))
        return known.principal

    def _read(self, key_id: str) -> _Known | None:
        known, tick = self._known.get(key_id), self._ticks()
        if known is not None and tick - known.asked_at < FRESH_SECONDS:
            return known
        try:
            key = self._records.key(key_id)
        except Unavailable:
            if known is None or tick - known.read_at >= OUTAGE_SECONDS:
                raise
            known.asked_at = tick
            return known
        return self._keep(key_id, key, known, tick)

    def _keep(
        self, key_id: str, key: ApiKey | None, before: _Known | None, tick: float
    ) -> _Known | None:
        with self._lock:
            if key is None:
                self._known.pop(key_id, None)
                return None
            if key_id not in self._known and len(self._known) >= MAX_KEYS:
                self._known.pop(next(iter(self._known)))
            used_at = key.last_used_at if before is None else before.used_at
            known = _Known(key, key.principal, tick, tick, used_at)
            self._known[key_id] = known
            return known
