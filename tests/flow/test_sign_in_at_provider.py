"""People sign in at a real OpenID provider, to the engine as a process."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from infra.devstack.servers.oidc import AUDIENCE, WEB, Oidc
from tests.flow.engine_process import EngineProcess, free_port, serving
from tests.flow.provider_pages import Page, WebBrowser, signed_in

SESSION_SECONDS = 60  # the shortest


@dataclass(frozen=True, slots=True)
class Bank:
    """An engine at which people sign in by the provider."""

    engine: EngineProcess
    provider: Oidc
    address: str

    def sign_in(self, person: str, to: str = "/docs") -> tuple[WebBrowser, Page]:
        """A browser in which the person has signed in, and the page that it shows then."""
        browser = WebBrowser()
        return browser, signed_in(browser, f"{self.address}/sign-in?to={to}", person)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    """An engine and its provider."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    class Provider(Oidc):
        redirect_uris = (f"{address}/sign-in/callback",)

    with Provider() as provider:
        settings = {
            **provider.settings,
            "AUTH": "oidc",
            "OIDC_CLIENT_ID": WEB,
            "OIDC_CLIENT_SECRET": provider.secret,
            "PUBLIC_URL": address,
            "SESSION_SECONDS": str(SESSION_SECONDS),
            "PORT": str(port),
        }
        home: Path = tmp_path_factory.mktemp("bank") / "home"
        with serving(home, **settings) as engine:
            yield Bank(engine, provider, address)


def test_a_person_signs_in_works_and_signs_out(bank: Bank) -> None:
    """The whole way, as a browser goes it: the provider's pages, the callback, the API."""
    browser, page = bank.sign_in("thandi")
    who = json.loads(browser.open(f"{bank.address}/api/v1/session").text)
    alerts = browser.open(f"{bank.address}/api/v1/alerts")
    cookie = browser.cookie("risksentinel_session")

    left = browser.open(f"{bank.address}/sign-out", {})
    confirmed = browser.open(*_confirmed(left))
    after = bank.engine.call(
        "GET", "/api/v1/session", headers={"Cookie": f"risksentinel_session={cookie}"}
    )

    assert (page.status, "You are signed in" in page.text) == (200, True)
    assert (who["name"], who["roles"], who["masked"]) == ("thandi", ["analyst"], True)
    assert alerts.status == 200
    assert left.address.startswith(bank.provider.issuer)
    assert confirmed.address.startswith(bank.address)
    assert after.status == 401


def test_a_person_without_a_role_sees_what_is_missing(bank: Bank) -> None:
    """The administrator of the provider must grant a role; RiskSentinel has no users of its own."""
    browser, page = bank.sign_in("stranger")

    assert page.status == 403
    assert "has no role of RiskSentinel" in page.text
    assert browser.open(f"{bank.address}/api/v1/alerts").status == 401


@pytest.mark.slow
def test_a_role_that_the_provider_took_away_is_gone_within_the_bound(bank: Bank) -> None:
    """The person works on, signs in again without a question, and has the other roles."""
    browser, _ = bank.sign_in("sipho")
    began = monotonic()
    assert browser.open(f"{bank.address}/api/v1/ledger/head").status == 200

    bank.provider.grant("sipho", "analyst")
    while (status := browser.open(f"{bank.address}/api/v1/ledger/head").status) == 200:
        assert monotonic() - began < SESSION_SECONDS + 5
        sleep(1)
    page = browser.open(f"{bank.address}/sign-in?to=/docs")

    assert status == 401
    assert "You are signed in" in page.text, page.text
    assert browser.open(f"{bank.address}/api/v1/alerts").status == 200
    assert browser.open(f"{bank.address}/api/v1/ledger/head").status == 403


@pytest.mark.slow
def test_a_person_who_lost_every_role_is_signed_out_within_the_bound(bank: Bank) -> None:
    """A person that left the bank must not work on with an open browser."""
    browser, _ = bank.sign_in("lerato")
    bank.provider.grant("lerato")
    sleep(SESSION_SECONDS)

    assert browser.open(f"{bank.address}/api/v1/ledger/head").status == 401
    assert browser.open(f"{bank.address}/sign-in?to=/docs").status == 403


def test_a_callback_is_of_no_use_to_another_browser(bank: Bank) -> None:
    """Neither the address in a history nor a link of a stranger signs in."""
    _, page = bank.sign_in("thandi")

    assert "/sign-in/callback?" in page.address
    assert WebBrowser().open(page.address).status == 401


def test_no_log_has_a_code_or_a_cookie(bank: Bank) -> None:
    """Logs are read by more people than may sign in."""
    browser, page = bank.sign_in("sipho")

    shown = bank.engine.log.read_text()
    assert page.address.partition("?")[2] not in shown
    assert str(browser.cookie("risksentinel_session")) not in shown
    assert bank.provider.secret not in shown
    assert AUDIENCE not in shown


def _confirmed(page: Page) -> tuple[str, dict[str, str]]:
    """The form by which the person confirms the sign-out at the provider."""
    address, hidden = page.form()
    return address, {**hidden, "logout": "yes"}
