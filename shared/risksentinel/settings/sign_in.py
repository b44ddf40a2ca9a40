"""SignInSettings: how people sign in to the pages."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from risksentinel.domain.session import LIFE
from risksentinel.settings.authentication import AuthenticationSettings, Method
from risksentinel.settings.values import wrong_setting
from risksentinel.text.addresses import is_secure_url


def _public_url(value: object) -> object:
    """Read an address without a path; a slash at its end is left out."""
    if not isinstance(value, str) or not value:
        return value
    address = value.removesuffix("/")
    if not is_secure_url(address) or urlsplit(address).path or "?" in address:
        raise wrong_setting(
            "must be an https URL without a path, like https://risk.example; http only on this "
            "machine"
        )
    return address.lower()


PublicUrl = Annotated[str, BeforeValidator(_public_url)]


class SignInSettings(AuthenticationSettings):
    """The settings of signing in, a part of the settings of every process."""

    public_url: PublicUrl = Field(
        "",
        description="address at which browsers reach the pages, like https://risk.example; "
        "required by OIDC_CLIENT_ID",
    )
    oidc_client_id: str = Field(
        "",
        description="client that is registered at OIDC_ISSUER for the sign-in of people; no "
        "sign-in by the issuer if unset",
    )
    oidc_client_secret: str = Field(
        "", repr=False, description="secret of the client; unset for a public client"
    )
    oidc_scopes: str = Field(
        "openid profile email",
        description="scopes that a sign-in requests, separated by spaces; openid is one of them",
    )

    session_seconds: int = Field(
        900,
        ge=60,
        le=28_800,
        description="longest session of a person where AUTH names oidc, in seconds: then the "
        "issuer states the person's roles again, without a question while the person is signed in "
        "there; without oidc a session lasts eight hours",
    )

    @field_validator("oidc_client_id")
    @classmethod
    def _can_be_used(cls, value: str, info: ValidationInfo) -> str:
        if value and Method.OIDC not in (info.data.get("auth") or ()):
            raise wrong_setting("requires AUTH=oidc")
        if value and not info.data.get("public_url", "wrong"):
            raise wrong_setting("requires PUBLIC_URL")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _has_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise wrong_setting("must name openid")
        return value

    @property
    def session_life(self) -> float:
        """The seconds after which a session ends, however often it is used."""
        of_an_issuer = Method.OIDC in (self.auth or ())
        return self.session_seconds if of_an_issuer else LIFE.total_seconds()

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the pages by HTTPS only."""
        return self.public_url.startswith("https://")
