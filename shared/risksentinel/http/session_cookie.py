"""The cookies of people: of the session, and of a sign-in that is under way."""

from datetime import timedelta
from typing import Final, Literal

from flask import Request
from werkzeug.wrappers import Response

SESSION: Final = "risksentinel_session"
FLOW: Final = "risksentinel_sign_in"
# Browsers accept a cookie of this prefix only over HTTPS, from the host itself, for all paths.
_HOST_ONLY: Final = "__Host-"


def cookie_name(name: str, *, secure: bool) -> str:
    """The name of the cookie; over HTTPS with a prefix, so that no other host can set it."""
    return _HOST_ONLY + name if secure else name


def session_cookie(request: Request) -> str | None:
    """The cookie of a session as `name=value`; None without one."""
    if "HTTP_COOKIE" not in request.environ:
        return None
    for name in (_HOST_ONLY + SESSION, SESSION):
        value = request.cookies.get(name)
        if value is not None:
            return f"{name}={value}"
    return None


def set_cookie(
    response: Response, name: str, value: str, life: timedelta, same_site: Literal["Strict", "Lax"]
) -> None:
    """Set a cookie that scripts cannot read."""
    response.set_cookie(
        name,
        value,
        max_age=life,
        secure=name.startswith(_HOST_ONLY),
        httponly=True,
        samesite=same_site,
    )


def delete_cookie(response: Response, name: str) -> None:
    """Make the browser delete the cookie."""
    response.delete_cookie(name, secure=name.startswith(_HOST_ONLY), httponly=True)
