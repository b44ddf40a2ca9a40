"""Signing in where there is no issuer: without AUTH, and by a one-time link."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from secrets import token_bytes

import pytest

from risksentinel.adapters.home.sign_in_links import SignInLinks
from risksentinel.domain.access import Right
from tests.functions.caller import ALERTS, RULE, RULES, said
from tests.functions.people import OWN, Functions, functions

COOKIE = "risksentinel_session"


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """What a test opens is closed after it."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def home(migrated: Path, tmp_path: Path) -> Path:
    """The folder of an engine."""
    shutil.copy(migrated, tmp_path)
    return tmp_path


@pytest.fixture
def engine(opened: ExitStack, home: Path) -> Functions:
    """An engine whose callers have keys."""
    return opened.enter_context(functions(home, auth="keys"))


def _link(engine: Functions) -> str:
    home = engine.container.settings.risksentinel_home
    return f"/sign-in/once/{SignInLinks(home, lambda: engine.now, token_bytes).make()}"


def test_a_link_signs_in_as_local_with_all_rights(engine: Functions) -> None:
    """The person at the terminal of the engine can do everything there anyway."""
    browser = engine.browser()

    page = browser.get(_link(engine))

    assert page.status_code == 200
    who = said(browser.who())
    assert (who["name"], who["person"], who["masked"]) == ("local", True, False)
    assert who["rights"] == sorted(Right)
    assert browser.send("POST", RULES, RULE, **OWN).status_code == 202
    assert browser.send("POST", RULES, RULE).status_code == 403


def test_a_link_that_was_used_is_410_with_the_way_to_a_new_one(engine: Functions) -> None:
    """A person that opens the link twice must know what to do."""
    link = _link(engine)
    engine.browser().get(link)

    page = engine.browser().get(link)
    problem = engine.browser().get(link, Accept="application/json")

    assert (page.status_code, problem.status_code) == (410, 410)
    assert "risksentinel sign-in-link" in page.text
    assert problem.get_json()["type"] == "urn:risksentinel:problem:gone"


def test_a_program_that_looks_at_a_link_does_not_use_it_up(engine: Functions) -> None:
    """Chat programs and terminals send HEAD for a preview."""
    link, browser = _link(engine), engine.browser()

    looked = browser.send("HEAD", link)

    assert (looked.status_code, "Set-Cookie" in looked.headers) == (200, False)
    assert browser.get(link).status_code == 200


def test_a_guess_is_410(engine: Functions) -> None:
    """The answer does not say whether a link exists."""
    _link(engine)

    assert engine.browser().get(f"/sign-in/once/{'A' * 43}").status_code == 410


def test_the_cookie_of_plain_http_has_no_prefix(engine: Functions) -> None:
    """Browsers refuse the prefix and Secure over plain HTTP."""
    browser = engine.browser()
    browser.get(_link(engine))

    assert browser.cookie(COOKIE)


def test_without_an_issuer_the_page_names_the_link(engine: Functions) -> None:
    """The same for a callback that no issuer sent."""
    for path in ("/sign-in", "/sign-in/callback?code=a&state=b"):
        page = engine.browser().get(path)

        assert page.status_code == 404
    assert "risksentinel sign-in-link" in engine.browser().get("/sign-in").text


@pytest.mark.parametrize("auth", [None, "none"])
def test_without_authentication_every_caller_is_local(
    opened: ExitStack, home: Path, auth: str | None
) -> None:
    """`make run` works without any set-up; the pages need no other way for it."""
    engine = opened.enter_context(functions(home, auth=auth))
    browser = engine.browser()

    begun = browser.get("/sign-in?to=/docs")
    linked = browser.get(_link(engine))
    ended = browser.send("POST", "/sign-out")
    who = said(browser.who())

    assert (begun.status_code, begun.headers["Location"]) == (303, "/docs")
    assert (linked.status_code, ended.status_code) == (303, 303)
    assert (who["name"], who["person"], who["expires_at"]) == ("local", False, None)
    assert who["rights"] == sorted(Right)


def test_a_session_of_before_does_not_count_without_authentication(
    opened: ExitStack, home: Path, engine: Functions
) -> None:
    """The cookie of an engine that is started again without AUTH is left aside."""
    browser = engine.browser()
    browser.get(_link(engine))
    plain = opened.enter_context(functions(home))

    who = said(plain.browser().take(COOKIE, browser.cookie(COOKIE)).who())

    assert (who["person"], who["expires_at"]) == (False, None)


def test_without_credentials_there_is_no_session(engine: Functions) -> None:
    """Who the caller is cannot be said of a caller that proves nothing."""
    assert engine.browser().send("GET", ALERTS).status_code == 401
    assert engine.browser().who().status_code == 401
