"""Bench: sessions in memory with a clock that tests move."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from risksentinel.domain.access import Role
from risksentinel.domain.session import LIFE, Person
from risksentinel.ports.authentication import Credentials
from risksentinel.usecases.authenticate_session import (
    AuthenticateSession,
)
from risksentinel.usecases.sign_in import SignIn, SignOut
from tests.fakes.memory_sessions import InMemorySessions
from tests.strategies import NOW

NAME = "risksentinel_session"


ORIGIN = "https://risk.example"


THANDI = Person("thandi", frozenset({Role.ANALYST}), frozenset(), "oidc")


@dataclass(slots=True)
class Bench:
    """Sessions, and a clock that a test moves."""

    now: datetime = NOW
    chance: int = 0
    life: timedelta = LIFE
    stored: InMemorySessions = field(default_factory=InMemorySessions)

    def function(self) -> AuthenticateSession:
        """The authenticator of one more function, with a cache of its own."""
        return AuthenticateSession(self.stored, lambda: self.now, self._ticks, ORIGIN, self.life)

    def sign_in(self, before: str | None = None, name: str = NAME) -> str:
        """Sign in, and return the cookie."""
        value = SignIn(self.stored, lambda: self.now, lambda: "s-1", self._random)(
            THANDI, name, before
        )
        return f"{name}={value}"

    def sign_out(self, cookie: str) -> None:
        """Sign out."""
        SignOut(self.stored, lambda: self.now)(cookie)

    def _ticks(self) -> float:
        return (self.now - NOW).total_seconds()

    def _random(self, count: int) -> bytes:
        self.chance += 1
        return bytes([self.chance]) * count


def reading(cookie: str | None) -> Credentials:
    """The credentials of a request that reads."""
    return Credentials(None, cookie, changes=False)
