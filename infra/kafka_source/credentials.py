"""Credentials of a source: the secret or the token that its function requires of senders."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured

REREAD_SECONDS: Final = 60.0  # a token of Kubernetes is renewed minutes before it expires


class SourceCredentials:
    """The headers that authenticate the source; without secret and token file there are none."""

    def __init__(
        self,
        secret: str = "",
        token_file: Path | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the token; raises Misconfigured where that is impossible."""
        self._file, self._seconds = token_file, seconds
        self._headers = _bearer(secret)
        self._read_at = seconds()
        if token_file is not None:
            self._headers = _bearer(_token(token_file))

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the headers; the token file is read again once a minute."""
        now = self._seconds()
        if self._file is not None and now - self._read_at > REREAD_SECONDS:
            self._read_at = now
            self._headers = _bearer(_token(self._file))
        return self._headers


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _token(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError as error:
        raise Misconfigured(f"--token-file {file}: {error.strerror}") from None
