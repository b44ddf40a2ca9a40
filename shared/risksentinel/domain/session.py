"""Session: a person that signed in to the pages; only the digest of the cookie is stored."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from risksentinel.domain.access import Principal, Role, with_roles
from risksentinel.domain.label import LabelSource

LIFE: Final = timedelta(hours=8)  # the longest, of whatever proof
IDLE_LIFE: Final = timedelta(minutes=30)
_COOKIE: Final = re.compile(r"[A-Za-z_-]{1,40}=[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Person:
    """A person whose identity was proved; `proof` is how: by the issuer, or by a link."""

    name: str
    roles: frozenset[Role]
    label_sources: frozenset[LabelSource]
    proof: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is stored. It ends after its life, or after 30 minutes without use."""

    id: str
    digest: str
    name: str
    roles: frozenset[Role]
    label_sources: frozenset[LabelSource]
    started_at: datetime
    used_at: datetime

    def expires_at(self, life: timedelta) -> datetime:
        """The end of a session with this life, however often it is used."""
        return self.started_at + min(life, LIFE)

    def is_in_force(self, at: datetime, life: timedelta) -> bool:
        """Whether the session has neither expired nor been idle for too long."""
        return at < self.expires_at(life) and at < self.used_at + IDLE_LIFE

    @property
    def principal(self) -> Principal:
        """The caller that the session authenticates."""
        return with_roles(self.name, self.roles, self.label_sources, person=True)


def digest_of(cookie: str) -> str | None:
    """The digest of a cookie `name=value`; None if the text does not have this form.

    The name is part of it: a session of a cookie for HTTPS only is not found by the other name.
    """
    return sha256(cookie.encode()).hexdigest() if _COOKIE.fullmatch(cookie) else None
