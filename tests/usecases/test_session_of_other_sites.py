"""Which pages may change something with the session of their visitor."""

from dataclasses import replace

import pytest

from risksentinel.domain.session import LIFE
from risksentinel.errors import Forbidden
from risksentinel.ports.authentication import Credentials
from risksentinel.usecases.authenticate_session import (
    AuthenticateSession,
)
from tests.usecases.session_bench import ORIGIN, Bench


@pytest.fixture
def bench() -> Bench:
    """No session."""
    return Bench()


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("same-origin", None),
        ("same-origin", ORIGIN),
        (None, ORIGIN),
    ],
)
def test_a_page_of_this_address_may_change_something(
    bench: Bench, site: str | None, origin: str | None
) -> None:
    """Browsers of the last years send Sec-Fetch-Site, older ones send Origin."""
    sent = Credentials(None, bench.sign_in(), changes=True, fetch_site=site, origin=origin)

    assert bench.function()(sent).name == "thandi"


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("cross-site", None),
        ("cross-site", ORIGIN),
        ("same-site", ORIGIN),  # another host of the domain
        ("none", None),
        ("", None),
        (None, None),
        (None, "null"),
        (None, "https://evil.example"),
        (None, "https://risk.example.evil.example"),
        (None, "http://risk.example"),
        (None, "https://risk.example:444"),
    ],
)
def test_what_another_site_sends_with_the_cookie_is_refused(
    bench: Bench, site: str | None, origin: str | None
) -> None:
    """A page of a stranger must not approve a rule with the session of its visitor."""
    sent = Credentials(None, bench.sign_in(), changes=True, fetch_site=site, origin=origin)

    with pytest.raises(Forbidden, match="Sec-Fetch-Site"):
        bench.function()(sent)


def test_without_public_url_only_sec_fetch_site_proves_the_sender(bench: Bench) -> None:
    """An Origin cannot be compared with an address that is not known."""
    function = AuthenticateSession(bench.stored, lambda: bench.now, lambda: 0.0, None, LIFE)
    sent = Credentials(None, bench.sign_in(), changes=True, origin=ORIGIN)

    with pytest.raises(Forbidden):
        function(sent)
    assert function(replace(sent, fetch_site="same-origin")).name == "thandi"
