import pytest

from risksentinel.errors import Misconfigured
from risksentinel.settings import Settings

WHOLE = {
    "AUTH": "oidc",
    "OIDC_ISSUER": "https://login.example",
    "OIDC_AUDIENCE": "https://api.risk.example",
    "OIDC_CLIENT_ID": "risksentinel",
    "OIDC_CLIENT_SECRET": "hush",
    "PUBLIC_URL": "https://Risk.Example/",
}


def test_the_settings_of_a_sign_in() -> None:
    """A slash at the end and capitals make no other address: browsers send neither in Origin."""
    settings = Settings.read(WHOLE)

    assert settings.public_url == "https://risk.example"
    assert settings.is_https
    assert settings.accepts_sessions
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"AUTH": "keys"}, "OIDC_CLIENT_ID requires AUTH=oidc"),
        ({"AUTH": ""}, "OIDC_CLIENT_ID requires AUTH=oidc"),
        ({"PUBLIC_URL": ""}, "OIDC_CLIENT_ID requires PUBLIC_URL"),
        ({"PUBLIC_URL": "http://risk.example"}, "PUBLIC_URL must be an https URL"),
        ({"PUBLIC_URL": "https://risk.example/pages"}, "PUBLIC_URL must be an https URL"),
        ({"PUBLIC_URL": "https://risk.example?"}, "PUBLIC_URL must be an https URL"),
        ({"PUBLIC_URL": "https://me@risk.example"}, "PUBLIC_URL must be an https URL"),
        ({"PUBLIC_URL": "risk.example"}, "PUBLIC_URL must be an https URL"),
        ({"OIDC_SCOPES": "profile email"}, "OIDC_SCOPES must name openid"),
    ],
    ids=str,
)
def test_a_sign_in_that_cannot_work_stops_the_start(changed: dict[str, str], message: str) -> None:
    """Otherwise the first person to sign in would find the fault."""
    with pytest.raises(Misconfigured, match=message):
        Settings.read({**WHOLE, **changed})


@pytest.mark.parametrize(("auth", "accepted"), [("", False), ("none", False), ("keys", True)])
def test_people_sign_in_where_callers_authenticate(auth: str, *, accepted: bool) -> None:
    """Without AUTH, and behind a gateway that authenticates, every caller is `local`."""
    assert Settings.read({"AUTH": auth}).accepts_sessions is accepted


@pytest.mark.parametrize(
    ("changed", "seconds"),
    [({}, 900), ({"SESSION_SECONDS": "60"}, 60), ({"AUTH": "keys,oidc"}, 900)],
    ids=str,
)
def test_a_session_of_an_issuer_is_short(changed: dict[str, str], seconds: int) -> None:
    """The roles of a person are read at the sign-in: this bounds how long they count."""
    assert Settings.read({**WHOLE, **changed}).session_life == seconds


def test_a_session_of_a_link_lasts_a_working_day() -> None:
    """No issuer states other roles: the person is `local`, and would need a link each time."""
    assert Settings.read({"AUTH": "keys", "SESSION_SECONDS": "60"}).session_life == 28_800


def test_plain_http_is_for_this_machine_only() -> None:
    """A cookie over plain HTTP is read by each machine on its way."""
    settings = Settings.read({**WHOLE, "PUBLIC_URL": "http://127.0.0.1:8080"})

    assert not settings.is_https
