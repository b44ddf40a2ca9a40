"""What a sign-in refuses: forged callbacks, forged tokens, foreign addresses."""

from dataclasses import replace
from typing import Any

import pytest
from joserfc.jwk import OctKey

from risksentinel.domain.sign_in_flow import FLOW_LIFE, flow_of
from tests.adapters.oidc.signing import FIRST, SECOND
from tests.functions.http_issuer import CLIENT, HttpIssuer
from tests.functions.people import FLOW, Functions
from tests.functions.refused_sign_in import SOON, is_refused


def test_a_callback_of_another_flow_is_refused(bank: Functions, issuer: HttpIssuer) -> None:
    """A stranger must not sign a visitor in as the stranger: what the visitor then enters leaks."""
    stranger, browser = bank.browser(), bank.browser()
    callback = issuer.sign_in(stranger.get("/sign-in").headers["Location"])
    browser.get("/sign-in")

    is_refused(browser, browser.get(callback), 401, "no sign-in is under way")


def test_a_callback_without_a_flow_is_refused(bank: Functions, issuer: HttpIssuer) -> None:
    """A link with a code, sent by a stranger, to a browser that began nothing."""
    callback = issuer.sign_in(bank.browser().get("/sign-in").headers["Location"])
    browser = bank.browser()

    is_refused(browser, browser.get(callback), 401, "no sign-in is under way")


def test_a_callback_after_ten_minutes_is_refused(bank: Functions, issuer: HttpIssuer) -> None:
    """The server checks the time too: a browser may keep a cookie longer."""
    browser = bank.browser()
    callback = issuer.sign_in(browser.get("/sign-in").headers["Location"])

    bank.now += FLOW_LIFE

    is_refused(browser, browser.get(callback), 401, "more than ten minutes")
    assert not issuer.requests


def test_a_callback_works_once(bank: Functions, issuer: HttpIssuer) -> None:
    """Who finds the address in a history or a log cannot sign in by it."""
    browser = bank.browser()
    callback = issuer.sign_in(browser.get("/sign-in").headers["Location"])
    flow = browser.cookie(FLOW)
    browser.get(callback)

    again = browser.get(callback)
    thief = bank.browser()
    stolen = thief.take(FLOW, flow).get(callback)  # with the cookie of the flow too

    assert again.status_code == 401
    is_refused(thief, stolen, 401, "invalid_grant")
    assert browser.who().status_code == 200


@pytest.mark.parametrize("stated", ["https://evil.example", "", None])
def test_the_answer_of_another_issuer_is_refused(
    bank: Functions, issuer: HttpIssuer, stated: str | None
) -> None:
    """Mix-up (RFC 9207): the code of one issuer must not be sent to another."""
    issuer.callback = {"iss": stated}
    browser = bank.browser()

    is_refused(browser, browser.sign_in(issuer), 401, "not that of OIDC_ISSUER")
    assert not issuer.requests


@pytest.mark.parametrize(("stated", "status"), [(None, 200), ("https://evil.example", 401)])
def test_an_issuer_without_the_parameter_iss_works(
    bank: Functions, issuer: HttpIssuer, stated: str | None, status: int
) -> None:
    """Many issuers do not send it yet; one that is sent is checked."""
    issuer.document = {"authorization_response_iss_parameter_supported": None}
    issuer.callback = {"iss": stated}

    assert bank.browser().sign_in(issuer).status_code == status


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"nonce": "of another sign-in"}, "not of this sign-in"),
        ({"nonce": None}, "not of this sign-in"),
        ({"nonce": 7}, "not of this sign-in"),
        ({"aud": "another client"}, "another audience"),
        ({"aud": "https://api.risk.example"}, "another audience"),  # an access token
        ({"aud": [CLIENT, "another client"]}, "another client"),
        ({"aud": [CLIENT, "another client"], "azp": "another client"}, "another client"),
        ({"azp": "another client"}, "another client"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"exp": SOON - 3600}, "expired"),
        ({"exp": None}, "no valid exp"),
        ({"iat": SOON + 3600}, "not valid yet"),
        ({"sub": None}, "no valid sub"),
        ({"sub": "local"}, "reserved name"),
        ({"sub": "operator:root"}, "reserved name"),
    ],
    ids=str,
)
def test_an_id_token_of_another_purpose_is_refused(
    bank: Functions, issuer: HttpIssuer, stated: dict[str, Any], words: str
) -> None:
    """The token must be for this client, this sign-in and now."""
    issuer.claims = stated
    browser = bank.browser()

    is_refused(browser, browser.sign_in(issuer), 401, words)


def test_a_token_for_several_clients_is_accepted_where_it_names_this_one(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """OpenID Connect Core, section 3.1.3.7."""
    issuer.claims = {"aud": ["another client", CLIENT], "azp": CLIENT}

    assert bank.browser().sign_in(issuer).status_code == 200


def test_a_token_that_the_issuer_did_not_sign_is_refused(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """Neither by another key, nor by the secret that the client knows, nor without a signature."""
    for key, alg in (
        (SECOND, "RS256"),
        (OctKey.import_key("s+cret%&" * 4), "HS256"),
        (FIRST, "none"),
    ):
        issuer.key, issuer.alg = key, alg
        browser = bank.browser()

        is_refused(browser, browser.sign_in(issuer), 401, "is not valid")


@pytest.mark.parametrize("roles", [None, [], ["wiki-editor"], "Analyst", 7], ids=str)
def test_a_person_without_a_role_is_refused(
    bank: Functions, issuer: HttpIssuer, roles: object
) -> None:
    """The page says what the administrator of the issuer must grant."""
    issuer.claims = {"roles": roles}
    browser = bank.browser()

    is_refused(browser, browser.sign_in(issuer), 403, "administrator, analyst, auditor")


def test_a_name_that_is_html_is_shown_as_text(bank: Functions, issuer: HttpIssuer) -> None:
    """The name on the page is what the issuer states, and people may choose their names there."""
    issuer.claims = {"sub": "<b>thandi</b>", "roles": []}

    page = bank.browser().sign_in(issuer)

    assert "&lt;b&gt;thandi&lt;/b&gt;" in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example", ""]
)
def test_a_sign_in_returns_to_no_other_site(bank: Functions, to: str) -> None:
    """Open redirect: a link to the bank's own address that ends at a copy of its pages."""
    page = bank.browser().get(f"/sign-in?to={to}")

    assert page.status_code == 422
    assert "Location" not in page.headers


def test_a_flow_that_was_changed_returns_to_no_other_site(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """The path in the cookie is checked again when it is used."""
    browser = bank.browser()
    callback = issuer.sign_in(browser.get("/sign-in").headers["Location"])
    flow = flow_of(browser.cookie(FLOW) or "")
    assert flow is not None
    changed = replace(flow, to="//evil.example").cookie
    for cookie in (changed, "e30", "eyJ0byI6Ii8vZXZpbC5leGFtcGxlIn0", "A" * 4000):
        page = bank.browser().take(FLOW, cookie).get(callback)

        assert page.status_code == 401, cookie
