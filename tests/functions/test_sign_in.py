"""A person signs in at an issuer and out again."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from tests.functions.caller import ALERTS, NOW, RULE, RULES, said
from tests.functions.http_issuer import HttpIssuer, http_issuer
from tests.functions.people import ADDRESS, COOKIE, FLOW, ORIGIN, OWN, Functions, functions, oidc

LIFE = timedelta(seconds=900)  # the default of SESSION_SECONDS


@pytest.fixture
def issuer() -> Iterator[HttpIssuer]:
    """An issuer that signs thandi in, an analyst."""
    with http_issuer() as running:
        yield running


@pytest.fixture
def bank(issuer: HttpIssuer, migrated: Path, tmp_path: Path) -> Iterator[Functions]:
    """The functions of a bank that signs in at the issuer."""
    shutil.copy(migrated, tmp_path)
    with functions(tmp_path, **oidc(issuer)) as running:
        yield running


def test_a_person_signs_in_and_every_function_knows_the_session(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """The dashboard signs in; alerts are of another function."""
    browser = bank.browser()

    page = browser.sign_in(issuer, "/docs")

    assert page.status_code == 200
    assert 'content="0; url=/docs"' in page.text
    assert said(browser.who()) == {
        "name": "thandi@bank.example",
        "person": True,
        "roles": ["analyst"],
        "rights": ["alerts.read", "alerts.write", "labels.write", "payments.read", "rules.read"],
        "masked": True,
        "expires_at": (NOW + LIFE).isoformat().replace("+00:00", "Z"),
    }
    assert browser.send("GET", ALERTS).status_code == 200
    assert bank.browser().send("GET", ALERTS).status_code == 401


def test_the_cookies_are_out_of_reach(bank: Functions, issuer: HttpIssuer) -> None:
    """Of scripts, of other sites, of other hosts and of plain HTTP."""
    browser = bank.browser()

    begun = browser.get("/sign-in")
    page = browser.get(issuer.sign_in(begun.headers["Location"]))

    flow = {*begun.headers["Set-Cookie"].split("; ")}
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"} <= flow
    session, over = ({*cookie.split("; ")} for cookie in page.headers.getlist("Set-Cookie"))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=900"} <= session
    assert "Max-Age=0" in over
    assert browser.cookie(FLOW) is None
    assert browser.cookie(COOKIE)


def test_the_rights_are_those_of_the_roles(bank: Functions, issuer: HttpIssuer) -> None:
    """An analyst reads rules and proposes none; a rule author does."""
    analyst = bank.browser()
    analyst.sign_in(issuer)
    refused = analyst.send("POST", RULES, RULE, **OWN)

    issuer.claims = {"sub": "sipho@bank.example", "roles": ["rule-author"]}
    author = bank.browser()
    author.sign_in(issuer)
    written = author.send("POST", RULES, RULE, **OWN)

    assert (refused.status_code, written.status_code) == (403, 202)
    with reading(bank.container.engine) as connection:
        query = select(audit_log.c.actor, audit_log.c.action).order_by(audit_log.c.id)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("thandi@bank.example", "session.started"),
            ("sipho@bank.example", "session.started"),
            ("sipho@bank.example", "proposal.proposed"),
        ]
        first = select(audit_log.c.details).order_by(audit_log.c.id).limit(1)
        stated = {"proof": "oidc", "roles": ["analyst"], "address": ADDRESS}
        assert connection.execute(first).scalar_one() == stated


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_another_site_cannot_use_the_session(
    bank: Functions, issuer: HttpIssuer, headers: dict[str, str]
) -> None:
    """Even if a browser sent the cookie: the pages of a stranger change nothing."""
    issuer.claims = {"roles": ["rule-author"]}
    browser = bank.browser()
    browser.sign_in(issuer)

    written = browser.send("POST", RULES, RULE, **headers)
    ended = browser.send("POST", "/sign-out", **headers)

    assert (written.status_code, ended.status_code) == (403, 403)
    assert said(browser.send("GET", RULES))["items"] == []
    assert browser.who().status_code == 200


def test_sign_out_ends_the_session_here_and_at_the_issuer(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """A copy of the cookie is of no use afterwards."""
    browser = bank.browser()
    browser.sign_in(issuer)
    cookie = browser.cookie(COOKIE)
    assert bank.browser().take(COOKIE, cookie).who().status_code == 200

    ended = browser.send("POST", "/sign-out", **OWN)

    address = urlsplit(ended.headers["Location"])
    assert ended.status_code == 303
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{issuer.address}/sign-out"
    assert parse_qs(address.query)["post_logout_redirect_uri"] == [f"{ORIGIN}/"]
    assert browser.cookie(COOKIE) is None
    assert bank.browser().take(COOKIE, cookie).who().status_code == 401


def test_sign_out_needs_neither_a_session_nor_the_issuer(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """A person that presses the button twice, or during an outage, sees no error."""
    issuer.document = {"end_session_endpoint": None}
    browser = bank.browser()

    ended = browser.send("POST", "/sign-out", **OWN)

    assert (ended.status_code, ended.headers["Location"]) == (303, "/")


def test_a_session_that_was_planted_does_not_survive_the_sign_in(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """Session fixation: the stranger that knows the cookie must not be signed in with it."""
    stranger, browser = bank.browser(), bank.browser()
    stranger.sign_in(issuer)
    planted = stranger.cookie(COOKIE)
    browser.take(COOKIE, planted)

    browser.sign_in(issuer)

    assert browser.cookie(COOKIE) != planted
    assert browser.who().status_code == 200
    assert stranger.who().status_code == 401


def test_a_session_ends_by_idleness(bank: Functions, issuer: HttpIssuer) -> None:
    """The page then asks to sign in again."""
    browser = bank.browser()
    browser.sign_in(issuer)

    bank.now += timedelta(minutes=30)

    assert browser.who().status_code == 401


def test_a_role_that_the_issuer_took_away_ends_with_the_session(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """However busy the person is; the issuer states the roles again at the next sign-in."""
    issuer.claims = {"roles": ["rule-author", "analyst"]}
    browser = bank.browser()
    browser.sign_in(issuer)
    issuer.claims = {"roles": ["analyst"]}

    bank.now += LIFE - timedelta(seconds=1)
    still = browser.send("POST", RULES, RULE, **OWN)
    bank.now += timedelta(seconds=1)
    ended = browser.send("POST", RULES, RULE, **OWN)
    bank.now = NOW
    browser.sign_in(issuer)
    again = browser.send("POST", RULES, RULE, **OWN)

    assert (still.status_code, ended.status_code, again.status_code) == (202, 401, 403)
    assert "/sign-in" in said(ended, 401)["detail"]


def test_each_sign_in_has_secrets_of_its_own(bank: Functions) -> None:
    """State, nonce and challenge of one flow are of no use in another."""
    addresses = [bank.browser().get("/sign-in").headers["Location"] for _ in range(2)]

    first, second = (parse_qs(urlsplit(address).query) for address in addresses)
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name][0]) == 43


def test_processes_with_one_database_share_sessions(
    bank: Functions, issuer: HttpIssuer, tmp_path: Path
) -> None:
    """Functions are processes of their own: a session is in the database, not in a process."""
    browser = bank.browser()
    browser.sign_in(issuer)
    with functions(tmp_path, **oidc(issuer)) as other:
        elsewhere = other.browser().take(COOKIE, browser.cookie(COOKIE))

        before = elsewhere.send("GET", ALERTS).status_code
        browser.send("POST", "/sign-out", **OWN)
        still_cached = elsewhere.send("GET", ALERTS).status_code

    with functions(tmp_path, **oidc(issuer)) as third:
        after = third.browser().take(COOKIE, browser.cookie(COOKIE)).send("GET", ALERTS)
    assert (before, still_cached, after.status_code) == (200, 200, 401)


def test_a_header_of_a_program_counts_before_the_cookie(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """A wrong key must not be answered with the rights of the person at the same browser."""
    browser = bank.browser()
    browser.sign_in(issuer)

    asked = browser.send("GET", ALERTS, Authorization="Bearer rs_wrong")

    assert asked.status_code == 401
