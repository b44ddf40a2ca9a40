"""The output of `risksentinel serve` on a pseudo-terminal and on a pipe."""

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from tests.flow.engine_process import BIN, EngineProcess, serving, started, wait_until

SENDER: Final = "ZA290000000012345678"
DEMO: Final = {
    "id": "demo-1",
    "sender_id": SENDER,
    "receiver_id": "ZA-2002",
    "amount_zar": "75000.00",
    "channel": "mobile_banking",
}
WRONG: Final = {**DEMO, "id": "wrong", "channel": "pigeon"}
# Runs its arguments on a pseudo-terminal, and copies the output of the terminal to the log.
ON_A_TERMINAL: Final = "import pty, sys; pty.spawn(sys.argv[1:])"


def on_a_terminal(folder: Path, **settings: str) -> AbstractContextManager[EngineProcess]:
    """Run `risksentinel serve` on a pseudo-terminal."""
    command = [sys.executable, "-c", ON_A_TERMINAL, str(BIN / "risksentinel"), "serve"]
    return started(command, folder, settings)


def pay(engine: EngineProcess) -> list[int]:
    """Send a valid and an invalid payment; return the statuses."""
    bodies = (DEMO, WRONG)
    return [engine.call("POST", "/api/v1/transactions/", body).status for body in bodies]


def test_a_terminal_shows_a_line_for_each_decision_and_no_log_of_its_request(
    tmp_path: Path,
) -> None:
    """A new user looks for the decision, not for log lines."""
    with on_a_terminal(tmp_path / "home") as engine:
        statuses = pay(engine)
        wait_until(lambda: "demo-1  R75,000.00  " in engine.log.read_text(), "the line")
        shown = engine.log.read_text()

    lines = [line for line in shown.splitlines() if "demo-1" in line]
    assert statuses == [201, 422]
    assert len(lines) == 1
    assert any(f"  {word} 0." in lines[0] for word in ("review", "decline"))
    assert SENDER not in shown
    assert "201" not in shown.partition("is one line here")[2]
    assert "422" in shown


def test_a_terminal_with_log_level_warning_shows_no_line(tmp_path: Path) -> None:
    """LOG_LEVEL warning asks for less output."""
    with on_a_terminal(tmp_path / "home", LOG_LEVEL="warning") as engine:
        statuses = pay(engine)
        engine.call("GET", "/api/v1/transactions/demo-1")
        shown = engine.log.read_text()

    assert statuses == [201, 422]
    assert "is one line here" not in shown
    assert "R75,000.00" not in shown


def test_a_pipe_gets_the_logs_as_json_and_no_line(tmp_path: Path) -> None:
    """A log collector reads JSON, one line for each request."""
    with serving(tmp_path / "home") as engine:
        pay(engine)
        engine.stop()
        printed = engine.log.read_text().splitlines()

    logs = [json.loads(line) for line in printed if line.startswith("{")]
    assert {log["status"] for log in logs if log["event"] == "request"} >= {201, 422}
    assert not any("R75,000.00" in line for line in printed)


def test_with_decisions_a_pipe_gets_lines_and_standard_error_gets_the_logs(
    tmp_path: Path,
) -> None:
    """A script reads the decisions: one stream must not contain two formats."""
    logs = tmp_path / "logs"
    script = f'exec "{BIN}/risksentinel" serve --decisions 2>"{logs}"'
    with started(["/bin/sh", "-c", script], tmp_path / "home") as engine:
        pay(engine)
        engine.stop()
        printed = engine.log.read_text().splitlines()

    assert len(printed) == 1
    assert "  demo-1  R75,000.00  " in printed[0]
    assert '"status":201' in logs.read_text()
