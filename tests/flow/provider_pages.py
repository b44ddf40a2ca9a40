"""ProviderPages: a person with a browser, at the sign-in pages of the OpenID provider."""

import re
from html import unescape
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

_FORM = re.compile(r'<form[^>]* action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Page:
    """A page that the browser shows: its address, its status and its text."""

    def __init__(self, address: str, status: int, text: str) -> None:
        self.address, self.status, self.text = address, status, text

    def form(self) -> tuple[str, dict[str, str]]:
        """The address to which the first form is sent, and its hidden fields."""
        found = _FORM.search(self.text)
        assert found is not None, self.text
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(found[2])}
        return urljoin(self.address, unescape(found[1])), hidden


class WebBrowser:
    """Follows redirects and keeps cookies, of all addresses."""

    def __init__(self) -> None:
        policy = DefaultCookiePolicy(strict_domain=False)
        self.jar = CookieJar(policy)
        self._opener = build_opener(HTTPCookieProcessor(self.jar))

    def open(self, address: str, form: dict[str, str] | None = None) -> Page:
        """Open an address, or send a form to it."""
        body = None if form is None else urlencode(form).encode()
        headers = {"Accept": "text/html,*/*;q=0.5"}
        if form is not None:
            headers["Sec-Fetch-Site"] = "same-origin"
        try:
            answer = self._opener.open(Request(address, body, headers), timeout=30)  # noqa: S310
        except HTTPError as error:
            answer = error
        with answer:
            return Page(answer.geturl(), answer.status, answer.read().decode())

    def cookie(self, name: str) -> str | None:
        """The value of a cookie."""
        return next((each.value for each in self.jar if each.name == name), None)


def signed_in(browser: WebBrowser, address: str, person: str) -> Page:
    """Sign in as the person, and consent; returns the page to which the provider sends."""
    action, hidden = browser.open(address).form()
    page = browser.open(action, {**hidden, "login": person, "password": "any"})
    if "<form" in page.text:
        action, hidden = page.form()
        page = browser.open(action, hidden)
    return page
