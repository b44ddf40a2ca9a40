"""Shared by the tests of signing in: the functions at https://risk.example, and a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from risksentinel.assembly.container import Container
from risksentinel.settings import Settings
from tests.functions.caller import NOW, gateway
from tests.functions.http_issuer import CLIENT, SECRET, HttpIssuer

ORIGIN: Final = "https://risk.example"
ADDRESS: Final = "127.0.0.7"
HTML: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
OWN: Final = {"Sec-Fetch-Site": "same-origin"}
COOKIE: Final = "__Host-risksentinel_session"
FLOW: Final = "__Host-risksentinel_sign_in"


@dataclass
class Functions:
    """The functions behind their gateway, and the time."""

    container: Container
    now: datetime = NOW

    def browser(self) -> "Browser":
        """A browser without cookies."""
        return Browser(Client(gateway(self.container)))


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser at the address of the functions."""

    client: Client

    def get(self, path: str, **headers: str) -> TestResponse:
        """Open a page."""
        return self.send("GET", path, None, **{**HTML, **headers})

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:  # noqa: ANN401 - JSON
        """Send what a script of a page sends."""
        options: dict[str, Any] = {"json": body} if body is not None else {}
        options["environ_overrides"] = {"REMOTE_ADDR": ADDRESS}
        return self.client.open(path, method=method, base_url=ORIGIN, headers=headers, **options)

    def sign_in(self, issuer: HttpIssuer, to: str = "/docs") -> TestResponse:
        """Sign in at the issuer; returns the answer to the callback."""
        begun = self.get(f"/sign-in?to={to}")
        assert begun.status_code == 303, begun.text
        return self.get(issuer.sign_in(begun.headers["Location"]))

    def who(self) -> TestResponse:
        """Ask who the caller is."""
        return self.send("GET", "/api/v1/session")

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of the browser."""
        found = self.client.get_cookie(name, domain=urlsplit(ORIGIN).netloc)
        return None if found is None else found.value

    def take(self, name: str, value: str | None) -> "Browser":
        """Put a cookie into the browser."""
        self.client.set_cookie(name, value or "", domain=urlsplit(ORIGIN).netloc)
        return self


@contextmanager
def functions(home: Path, **changed: object) -> Iterator[Functions]:
    """The functions with these settings, on the database in `home`."""
    given: list[Functions] = []
    settings = Settings.model_validate({"risksentinel_home": home, **changed})
    container = Container(settings, clock=lambda: given[0].now)
    given.append(Functions(container))
    try:
        yield given[0]
    finally:
        container.close()


def oidc(issuer: HttpIssuer, **changed: object) -> dict[str, object]:
    """The settings of a sign-in at the issuer."""
    usual = {
        "auth": "keys,oidc",
        "oidc_issuer": issuer.address,
        "oidc_audience": "https://api.risk.example",
        "public_url": ORIGIN,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    return {**usual, **changed}
