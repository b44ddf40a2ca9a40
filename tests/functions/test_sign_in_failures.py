"""What an issuer refuses or does not answer, and what the pages and logs show."""

import shutil
from pathlib import Path

import pytest

from tests.functions.http_issuer import HttpIssuer
from tests.functions.people import COOKIE, Functions, functions, oidc
from tests.functions.refused_sign_in import is_refused


@pytest.mark.parametrize("error", ["access_denied", "<script>alert(1)</script>", "E" * 5000])
def test_what_the_issuer_refuses_is_said_in_plain_words(
    bank: Functions, issuer: HttpIssuer, error: str
) -> None:
    """Only a code of the standard is repeated: the address is the text of a stranger."""
    issuer.callback = {"code": None, "error": error, "error_description": "<b>call me</b>"}
    browser = bank.browser()

    page = browser.sign_in(issuer)

    is_refused(browser, page, 403, "the issuer did not sign you in")
    assert (error in page.text) is (error == "access_denied")
    assert "call me" not in page.text


def test_the_code_is_exchanged_with_the_verifier_and_the_secret(
    bank: Functions, issuer: HttpIssuer
) -> None:
    """A code that was read on the way is of no use without both."""
    bank.browser().sign_in(issuer)

    (request,) = issuer.requests
    assert len(request["code_verifier"]) == 43
    assert request["authorization"].startswith("Basic ")
    assert "client_secret" not in request


@pytest.mark.parametrize(
    ("methods", "secret"), [(["client_secret_post"], "s+cret%&"), (["none"], None)], ids=str
)
def test_other_ways_to_authenticate_the_client(
    migrated: Path, tmp_path: Path, issuer: HttpIssuer, methods: list[str], secret: str | None
) -> None:
    """The issuer's document says where the secret belongs; a public client has none."""
    shutil.copy(migrated, tmp_path)
    issuer.document, issuer.secret = {"token_endpoint_auth_methods_supported": methods}, secret
    with functions(tmp_path, **oidc(issuer, oidc_client_secret=secret or "")) as bank:
        assert bank.browser().sign_in(issuer).status_code == 200
    assert not issuer.requests[0]["authorization"]


@pytest.mark.parametrize("fault", ["secret", "status", "document"])
def test_an_issuer_that_does_not_work_is_a_503(
    bank: Functions, issuer: HttpIssuer, fault: str
) -> None:
    """The person tries again later; the reason is in the log, for the operator."""
    browser = bank.browser()
    if fault == "secret":
        issuer.secret = "another"
    elif fault == "status":
        issuer.status = 502
    else:
        issuer.document = {"token_endpoint": None}

    page = browser.sign_in(issuer)

    is_refused(browser, page, 503, "OpenID provider does not answer")
    assert page.headers["Retry-After"]


def test_a_program_gets_a_problem_document(bank: Functions) -> None:
    """A browser gets a page, and every other client what the API answers everywhere."""
    browser = bank.browser()

    for accept in ("application/json", "application/problem+json", "*/*", ""):
        refused = browser.get("/sign-in/callback?state=a&code=b", Accept=accept)

        assert refused.status_code == 401
        assert refused.content_type == "application/problem+json"


def test_the_pages_run_nothing_and_are_not_stored(bank: Functions, issuer: HttpIssuer) -> None:
    """No script, no frame, no cache, and no address of a callback in another site's log."""
    browser = bank.browser()

    for page in (browser.sign_in(issuer), browser.get("/sign-in/callback")):
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_no_log_has_a_secret(
    bank: Functions, issuer: HttpIssuer, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the code nor the token, the state, the verifier, the secret or the cookie."""
    browser = bank.browser()
    browser.sign_in(issuer)

    written = "".join(capfd.readouterr())
    (request,) = issuer.requests
    for secret in (request["code"], request["code_verifier"], browser.cookie(COOKIE) or "?"):
        assert secret not in written
