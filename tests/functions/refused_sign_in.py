"""How a refused sign-in looks."""

from werkzeug.test import TestResponse

from tests.functions.caller import NOW
from tests.functions.people import COOKIE, FLOW, Browser

SOON = int(NOW.timestamp())


def is_refused(browser: Browser, page: TestResponse, status: int, words: str) -> None:
    """Check that the page refuses, and that neither a session nor the flow is left."""
    assert page.status_code == status, page.text
    assert words in page.text
    assert page.mimetype == "text/html"
    assert browser.cookie(COOKIE) is None
    assert browser.cookie(FLOW) is None  # the flow is over, whatever came of it
