"""ApiKey: the credential of a program; only a keyed hash of the secret is stored."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from hmac import compare_digest
from typing import Final

from typing_extensions import override

from risksentinel.domain.access import Principal, Role, with_roles
from risksentinel.domain.label import LabelSource
from risksentinel.errors import Malformed

PREFIX: Final = "rs_"
KEY_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
KEY_NAME_IN_WORDS: Final = (
    "1 to 63 lower-case letters, digits and ._- that begin with a letter or a digit"
)
SALT_BYTES: Final = 16
SECRET_BYTES: Final = 32
_ID_BYTES: Final = 6
_DIGEST_BYTES: Final = 32
_TEXT: Final = re.compile(r"rs_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)
RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored. It is in force from its creation until it expires or is revoked."""

    id: str
    name: str
    salt: bytes
    digest: bytes
    roles: frozenset[Role]
    label_sources: frozenset[LabelSource]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if not KEY_NAME.fullmatch(self.name):
            raise Malformed(f"the name of a key has {KEY_NAME_IN_WORDS}")
        if not (self.roles or self.label_sources):
            raise Malformed("a key needs a role or a source of labels")
        if self.expires_at is not None and self.expires_at <= self.created_at:
            raise Malformed("a key must expire after its creation")

    def accepts(self, secret: str) -> bool:
        """Whether the secret is that of the key, compared in constant time."""
        return compare_digest(_digest(secret, self.salt), self.digest)

    def is_in_force(self, at: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    @property
    def principal(self) -> Principal:
        """The caller that the key authenticates; a rotated key has the same name."""
        return with_roles(f"key:{self.name}", self.roles, self.label_sources)

    def until(self, end: datetime) -> "ApiKey":
        """The key that expires at `end`, or earlier if it already does."""
        expires_at = end if self.expires_at is None else min(end, self.expires_at)
        return replace(self, expires_at=expires_at)


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder sends it: the id, and the secret, which is stored nowhere."""

    id: str
    secret: str

    @override
    def __repr__(self) -> str:
        return f"KeyText({self.id!r})"

    @property
    def text(self) -> str:
        """The text `rs_ID_SECRET`."""
        return f"{PREFIX}{self.id}_{self.secret}"

    def hashed(self, salt: bytes) -> bytes:
        """The digest that is stored."""
        return _digest(self.secret, salt)


def new_key_text(random: RandomBytes) -> KeyText:
    """A key with a secret of 256 random bits."""
    secret = urlsafe_b64encode(random(SECRET_BYTES)).decode().rstrip("=")
    return KeyText(random(_ID_BYTES).hex(), secret)


def key_text(sent: str) -> KeyText | None:
    """The parts of a key; None if the text does not have its form."""
    found = _TEXT.fullmatch(sent)
    return None if found is None else KeyText(found[1], found[2])


def _digest(secret: str, salt: bytes) -> bytes:
    # Fast: a secret of 256 random bits cannot be guessed, so a slow hash would add nothing.
    return blake2b(secret.encode(), key=salt, digest_size=_DIGEST_BYTES).digest()
