"""AuthenticationSettings: who may call the API, and by which credentials."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, field_validator

from risksentinel.errors import Misconfigured
from risksentinel.settings.values import wrong_setting
from risksentinel.text.addresses import is_loopback, is_secure_url


class Method(StrEnum):
    """A kind of credentials; `none` leaves authentication to a gateway."""

    KEYS = "keys"
    OIDC = "oidc"
    NONE = "none"


_KNOWN: Final = ", ".join(Method)


def _methods(value: object) -> object:
    """Read methods that are separated by commas."""
    if not isinstance(value, str):
        return value
    words = [word.strip().lower() for word in value.split(",")]
    if not set(words) <= set(Method) or len(set(words)) < len(words):
        raise wrong_setting(f"must name methods among {_KNOWN}, each once, separated by commas")
    found = frozenset(map(Method, words))
    if Method.NONE in found and len(found) > 1:
        raise wrong_setting("must be none alone, or name other methods")
    return found


def _issuer(value: object) -> object:
    if isinstance(value, str) and value and not is_secure_url(value):
        raise wrong_setting("must be an https URL; http only on this machine")
    return value


def _authenticates(methods: frozenset[Method] | None) -> bool:
    return bool(methods) and Method.NONE not in (methods or ())


Methods = Annotated[frozenset[Method] | None, BeforeValidator(_methods)]
Issuer = Annotated[str, BeforeValidator(_issuer)]


class AuthenticationSettings(BaseModel):
    """The settings of authentication, a part of the settings of every process."""

    auth: Methods = Field(
        None,
        description="how callers authenticate: keys, oidc, or both separated by commas; none: a "
        "gateway authenticates every caller; unset: no authentication, on loopback only",
    )
    oidc_issuer: Issuer = Field(
        "",
        validate_default=True,
        description="issuer of access tokens, an https URL, exactly as in the claim iss",
    )
    oidc_audience: str = Field(
        "", validate_default=True, description="audience that an access token must name"
    )
    oidc_ca_file: str = Field(
        "",
        description="certificates that sign the certificate of OIDC_ISSUER, in PEM; those of the "
        "system if unset",
    )
    oidc_roles_claim: str = Field(
        "roles",
        description="claim with the caller's roles; dots lead into objects, like "
        "realm_access.roles",
    )
    oidc_actor_claim: str = Field("sub", description="claim that names the caller in the audit log")
    four_eyes: bool | None = Field(
        None,
        description="whether a change of rules, lists, the policy or the promoted model needs the "
        "approval of another person; true if unset and AUTH names keys or oidc",
    )

    @field_validator("four_eyes")
    @classmethod
    def _can_tell_people_apart(cls, value: bool | None, info: ValidationInfo) -> bool | None:  # noqa: FBT001 - a validator
        if value and not _authenticates(info.data.get("auth")):
            raise wrong_setting(
                "needs AUTH=keys or AUTH=oidc: otherwise every caller is the same one"
            )
        return value

    @property
    def needs_approval(self) -> bool:
        """Whether changes need the approval of another person."""
        return _authenticates(self.auth) if self.four_eyes is None else self.four_eyes

    @field_validator("oidc_issuer", "oidc_audience")
    @classmethod
    def _is_there(cls, value: str, info: ValidationInfo) -> str:
        if not value and Method.OIDC in (info.data.get("auth") or ()):
            raise wrong_setting("is required by AUTH=oidc")
        return value

    @property
    def accepts_sessions(self) -> bool:
        """Whether people sign in: callers authenticate, and not by a gateway."""
        return _authenticates(self.auth)

    def may_listen_on(self, host: str) -> None:
        """Return if the API may be open at this address.

        Raises:
            Misconfigured: other machines reach the address, and AUTH is not set.
        """
        if self.auth is None and not is_loopback(host):
            raise Misconfigured(
                f"HOST={host} can be reached by other machines: set AUTH to keys or oidc, to "
                "none if a gateway in front authenticates every caller, or HOST to 127.0.0.1"
            )
