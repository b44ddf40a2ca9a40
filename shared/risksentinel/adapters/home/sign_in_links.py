"""SignInLinks: links that sign in once, for the person that reads the engine's terminal.

A file has the digest of a link as its name, so the folder contains no link. A search by the
digest of a secret takes the same time whatever was guessed: no part of the secret is compared.
"""

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

from risksentinel.errors import Gone, Misconfigured
from risksentinel.ports.environment import Clock
from risksentinel.text import rfc3339

LINK_LIFE: Final = timedelta(minutes=15)
_FOLDER: Final = "sign-in-links"
_SECRET_BYTES: Final = 32
_GONE: Final = (
    "the link was used, is older than 15 minutes, or was replaced by a newer one: print a new one "
    "by `risksentinel sign-in-link`"
)


@dataclass(frozen=True, slots=True)
class SignInLinks:
    """The links in the folder of the embedded engine; the newest replaces the others."""

    home: Path
    clock: Clock
    random: Callable[[int], bytes]

    def make(self) -> str:
        """Make the secret of a new link. Raises Misconfigured if the folder is not writable."""
        token = urlsafe_b64encode(self.random(_SECRET_BYTES)).decode().rstrip("=")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for older in self._folder.iterdir():
                older.unlink(missing_ok=True)
            _write_private(self._file(token), rfc3339.to_text(self.clock() + LINK_LIFE))
        except OSError as error:
            raise Misconfigured(
                f"RISKSENTINEL_HOME: no link can be written: {error.strerror}"
            ) from None
        return token

    def redeem(self, token: str) -> None:
        """Use the link up. Raises Gone: it was used, is too old, or is unknown."""
        file = self._file(token)
        try:
            expires_at = rfc3339.parse(file.read_text())
            file.unlink()  # of two requests at once, one finds the file
        except OSError:
            raise Gone(_GONE) from None
        if not self._is_in_time(expires_at):
            raise Gone(_GONE)

    def _is_in_time(self, expires_at: datetime) -> bool:
        return timedelta() < expires_at - self.clock() <= LINK_LIFE

    @property
    def _folder(self) -> Path:
        return self.home / _FOLDER

    def _file(self, token: str) -> Path:
        return self._folder / sha256(token.encode()).hexdigest()


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(text)
