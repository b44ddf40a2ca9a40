"""`risksentinel serve` with AUTH: the one-time link that its terminal shows."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.flow.engine_process import BIN, EngineProcess, serving, wait_until
from tests.flow.test_decision_lines import on_a_terminal

LINK: Final = re.compile(r"http://127\.0\.0\.1:(\d+)(/sign-in/once/[A-Za-z0-9_-]{43})\b")
ALERTS: Final = "/api/v1/alerts/"
RULE: Final = {
    "name": "Large",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "100.00"},
    "weight": 0.5,
    "severity": "high",
}


def _path_of_link(engine: EngineProcess, shown: str) -> str:
    found = LINK.search(shown)
    assert found is not None, shown
    assert int(found[1]) == engine.port
    return found[2]


def _signed_in(engine: EngineProcess, path: str) -> dict[str, str]:
    """Open the link; return the header with the cookie."""
    page = engine.call("GET", path, headers={"Accept": "text/html"})
    assert page.status == 200
    return {"Cookie": page.headers["Set-Cookie"].partition(";")[0]}


def _command(home: Path, port: int, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {"RISKSENTINEL_HOME": str(home), "PORT": str(port), **settings}
    return subprocess.run(  # noqa: S603
        [str(BIN / "risksentinel"), "sign-in-link"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_link_of_the_terminal_signs_in_once_as_local(tmp_path: Path) -> None:
    """A person that sees the terminal may do everything; no other caller gets in."""
    with on_a_terminal(tmp_path / "home", AUTH="keys") as engine:
        wait_until(lambda: LINK.search(engine.log.read_text()) is not None, "the link")
        path = _path_of_link(engine, engine.log.read_text())
        stranger = engine.call("GET", ALERTS)
        looked_at = engine.call("HEAD", path)
        cookie = _signed_in(engine, path)
        own = {**cookie, "Sec-Fetch-Site": "same-origin"}
        who = engine.call("GET", "/api/v1/session", headers=cookie)
        written = engine.call("POST", "/api/v1/rules/", RULE, own)
        again = engine.call("GET", path, headers={"Accept": "text/html"})
        ended = engine.call("POST", "/sign-out", headers=own)
        after = engine.call("GET", ALERTS, headers=cookie)

    assert (stranger.status, looked_at.status) == (401, 200)
    assert (who.body["name"], who.body["masked"]) == ("local", False)
    assert written.status == 202  # a proposal, as another person must approve it
    assert again.status == 410
    assert "risksentinel sign-in-link" in again.body.decode()
    assert (ended.status, after.status) == (303, 401)


def test_the_command_prints_a_new_link_while_the_engine_runs(tmp_path: Path) -> None:
    """A log file gets no link: the command prints one to the terminal of the operator."""
    home = tmp_path / "home"
    with serving(home, AUTH="keys") as engine:
        shown = engine.log.read_text()
        printed = _command(home, engine.port, AUTH="keys")
        cookie = _signed_in(engine, _path_of_link(engine, printed.stdout))
        alerts = engine.call("GET", ALERTS, headers=cookie)

    assert LINK.search(shown) is None
    assert "risksentinel sign-in-link" in shown
    assert alerts.status == 200


@pytest.mark.parametrize(
    ("auth", "words"), [("keys", "no engine is running"), ("", "every caller is `local`")]
)
def test_the_command_says_why_it_prints_no_link(tmp_path: Path, auth: str, words: str) -> None:
    """A link that leads nowhere would be a riddle."""
    ran = _command(tmp_path / "home", 8080, AUTH=auth)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_without_auth_every_caller_is_local_and_the_greeting_says_so(tmp_path: Path) -> None:
    """`make run` works without any set-up."""
    with serving(tmp_path / "home") as engine:
        shown = engine.log.read_text()
        who = engine.call("GET", "/api/v1/session").body
        begun = engine.call("GET", "/sign-in?to=/docs")

    assert "Every caller is the user `local`" in shown
    assert (who["name"], who["person"], who["expires_at"]) == ("local", False, None)
    assert (begun.status, begun.headers["Location"]) == (303, "/docs")
