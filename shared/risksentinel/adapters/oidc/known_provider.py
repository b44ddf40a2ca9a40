"""KnownProvider: the addresses of one issuer, read again after a few minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from risksentinel.adapters.oidc.discovery import GetJson, Provider, discover

REFRESH_SECONDS: Final = 600.0


@dataclass(slots=True)
class KnownProvider:
    """Two requests at once may both read the addresses: they are the same."""

    issuer: str
    ticks: Callable[[], float]  # seconds of a clock that never steps back
    get: GetJson
    _known: tuple[float, Provider] | None = None

    def __call__(self) -> Provider:
        """The addresses of the issuer. Raises Unavailable."""
        known, now = self._known, self.ticks()
        if known is not None and now - known[0] < REFRESH_SECONDS:
            return known[1]
        found = discover(self.issuer, self.get)
        self._known = (now, found)
        return found
