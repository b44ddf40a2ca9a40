from datetime import timedelta

import pytest
from flask import Request, Response
from werkzeug.test import EnvironBuilder

from risksentinel.http.session_cookie import (
    SESSION,
    cookie_name,
    delete_cookie,
    session_cookie,
    set_cookie,
)


def _sent(cookie: str | None) -> Request:
    headers = [] if cookie is None else [("Cookie", cookie)]
    return Request(EnvironBuilder(headers=headers).get_environ())


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        (None, None),
        ("other=1", None),
        (f"other=1; {SESSION}=abc", f"{SESSION}=abc"),
        (f"__Host-{SESSION}=abc", f"__Host-{SESSION}=abc"),
        (f"{SESSION}=planted; __Host-{SESSION}=own", f"__Host-{SESSION}=own"),
    ],
)
def test_the_cookie_of_a_session_is_found_with_its_name(
    cookie: str | None, found: str | None
) -> None:
    """The name with the prefix takes precedence: another host cannot have set it."""
    assert session_cookie(_sent(cookie)) == found


@pytest.mark.parametrize("secure", [True, False])
def test_scripts_and_other_sites_get_no_cookie(*, secure: bool) -> None:
    """Over HTTPS the name has the prefix that browsers bind to Secure, Path=/ and no Domain."""
    response = Response()
    set_cookie(response, cookie_name(SESSION, secure=secure), "v", timedelta(hours=8), "Strict")

    parts = response.headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=28800"} <= {*parts}
    assert ("Secure" in parts) is secure
    assert parts[0].startswith("__Host-") is secure
    assert not any(part.startswith("Domain") for part in parts)


def test_a_cookie_is_deleted_by_its_own_attributes() -> None:
    """Browsers refuse a deletion without Secure of a cookie with the prefix."""
    response = Response()
    delete_cookie(response, cookie_name(SESSION, secure=True))

    assert {"Secure", "Path=/", "Max-Age=0"} <= {*response.headers["Set-Cookie"].split("; ")}
