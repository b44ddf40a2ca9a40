"""IssuerKeys: the public keys of an issuer, cached, and fetched again for an unknown key id."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from risksentinel.adapters.oidc.bounded_http import PART
from risksentinel.adapters.oidc.discovery import GetJson, discover
from risksentinel.errors import Unauthenticated, Unavailable

REFRESH_SECONDS: Final = 600.0  # a key that the issuer withdraws is refused after this time
MAX_AGE_SECONDS: Final = 86_400.0  # cached keys work so long without an answer of the issuer
REFETCH_SECONDS: Final = 30.0  # the shortest time between two fetches for unknown key ids
FIRST_RETRY_SECONDS: Final = 2.0  # between two attempts while no keys are cached
MAX_KEYS: Final = 100
_MIN_RSA_BITS: Final = 2048
_KINDS: Final = frozenset({"RSA", "EC", "OKP"})  # never `oct`: a public key is no shared secret
PublicKey = RSAKey | ECKey | OKPKey
Ticks = Callable[[], float]  # seconds of a clock that never steps back


@dataclass(frozen=True, slots=True)
class _Fetched:
    by_id: Mapping[str | None, PublicKey]
    at: float


class IssuerKeys:
    """The keys by which the issuer signs. One thread fetches; the others use the cached keys."""

    def __init__(self, issuer: str, ticks: Ticks, get: GetJson) -> None:
        self._issuer, self._ticks, self._get = issuer, ticks, get
        self._fetched: _Fetched | None = None
        self._asked_at = float("-inf")
        self._lock = Lock()

    def key(self, key_id: str | None) -> PublicKey:
        """The key of this id; without an id the only key of the issuer.

        Raises:
            Unauthenticated: the issuer has no such key.
            Unavailable: the issuer does not answer, and no keys are cached.
        """
        known = self._current()
        found = _among(known, key_id)
        if found is None and self._ticks() - self._asked_at >= REFETCH_SECONDS:
            found = _among(self._fetch(known), key_id)
        if found is None:
            raise Unauthenticated("the access token is signed by a key that its issuer lacks")
        return found

    def _current(self) -> _Fetched:
        known, now = self._fetched, self._ticks()
        if known is None:
            return self._first()
        if now - known.at >= MAX_AGE_SECONDS:
            return self._fetch(known, needed=True)
        if now - known.at >= REFRESH_SECONDS and now - self._asked_at >= REFETCH_SECONDS:
            return self._fetch(known)
        return known

    def _first(self) -> _Fetched:
        with self._lock:
            if self._fetched is not None:
                return self._fetched
            if self._ticks() - self._asked_at < FIRST_RETRY_SECONDS:
                raise Unavailable(PART)
            return self._ask()

    def _fetch(self, known: _Fetched, *, needed: bool = False) -> _Fetched:
        """The newest keys; those that are known if another thread fetches, or no answer comes."""
        if not self._lock.acquire(blocking=needed):
            return known
        try:
            return self._ask()
        except Unavailable:
            if needed:
                raise
            return known
        finally:
            self._lock.release()

    def _ask(self) -> _Fetched:
        self._asked_at = self._ticks()
        document = self._get(discover(self._issuer, self._get).jwks_uri)
        self._fetched = _Fetched(_keys_of(document), self._ticks())
        return self._fetched


def _among(fetched: _Fetched, key_id: str | None) -> PublicKey | None:
    if key_id is None and len(fetched.by_id) == 1:
        return next(iter(fetched.by_id.values()))
    return fetched.by_id.get(key_id)


def _keys_of(document: Mapping[str, Any]) -> dict[str | None, PublicKey]:
    stated = document.get("keys")
    if not isinstance(stated, list):
        raise Unavailable(PART, None, "its key set has no list of keys")
    found = (_key(each) for each in stated[:MAX_KEYS] if isinstance(each, dict))
    keys = {key.kid: key for key in found if key is not None}
    if not keys:
        raise Unavailable(PART, None, "its key set has no key for signatures")
    return keys


def _key(stated: dict[str, Any]) -> PublicKey | None:
    """The public key; None for a key of another use, or of a kind that is not accepted."""
    if stated.get("kty") not in _KINDS or stated.get("use", "sig") != "sig" or _is_weak(stated):
        return None
    try:
        key = JWKRegistry.import_key(stated)
    except (JoseError, ValueError, TypeError):
        return None
    return key if isinstance(key, PublicKey) else None


def _is_weak(stated: Mapping[str, Any]) -> bool:
    """Whether the modulus of an RSA key, in base64, has fewer than _MIN_RSA_BITS bits."""
    modulus = stated.get("n", "")
    return stated["kty"] == "RSA" and isinstance(modulus, str) and 6 * len(modulus) < _MIN_RSA_BITS
