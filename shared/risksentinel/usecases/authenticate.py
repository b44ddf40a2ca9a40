"""AuthenticateBearer: the principal of the bearer credential or the session of a request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from risksentinel.domain.access import Principal
from risksentinel.domain.api_key import PREFIX
from risksentinel.errors import Unauthenticated
from risksentinel.ports.authentication import Authenticator, Credentials

_SCHEME: Final = "bearer"
Verify = Callable[[str], Principal]  # raises Unauthenticated, Unavailable


@dataclass(frozen=True, slots=True)
class AuthenticateBearer:
    """Meets `ports.Authenticator`; a kind of credential without a verifier is not accepted.

    A request with a header Authorization is of a program: its cookies do not count.
    """

    keys: Verify | None
    tokens: Verify | None
    sessions: Authenticator | None = None

    def __call__(self, credentials: Credentials) -> Principal:
        """The principal of the credential. Raises Unauthenticated, Unavailable."""
        if self.sessions and credentials.authorization is None and credentials.session is not None:
            return self.sessions(credentials)
        scheme, _, sent = (credentials.authorization or "").partition(" ")
        if scheme.lower() != _SCHEME or not sent:
            pages = ", or sign in at /sign-in" if self.sessions else ""
            raise Unauthenticated(f"send {self._accepted} as Authorization: Bearer ...{pages}")
        verify = self.keys if sent.startswith(PREFIX) else self.tokens
        if verify is None:
            raise Unauthenticated(f"only {self._accepted} is accepted here")
        return verify(sent)

    @property
    def _accepted(self) -> str:
        kinds = (("an API key", self.keys), ("an access token", self.tokens))
        return " or ".join(name for name, verify in kinds if verify is not None)
