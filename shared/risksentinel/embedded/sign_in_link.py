"""new_link: the address of a one-time link to the embedded engine."""

from secrets import token_bytes
from typing import Final

from risksentinel.adapters.home.sign_in_links import SignInLinks
from risksentinel.adapters.system_clock import now
from risksentinel.settings import Settings

_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared, not listened on


def new_link(settings: Settings) -> str:
    """Make a link that signs in once, within 15 minutes. Raises Misconfigured."""
    token = SignInLinks(settings.risksentinel_home, now, token_bytes).make()
    return f"{address_of(settings)}/sign-in/once/{token}"


def address_of(settings: Settings) -> str:
    """The address of the engine in a browser: PUBLIC_URL, or HOST and PORT."""
    host = "127.0.0.1" if settings.host in _EVERY_ADDRESS else settings.host
    named = f"[{host}]" if ":" in host else host
    return settings.public_url or f"http://{named}:{settings.port}"
