"""`risksentinel backtest` as an operator runs it: killed, run again, and with wrong options."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from risksentinel.migrations.migrate import migrate
from risksentinel.policy_files.policy_yaml import to_yaml
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import PolicyContents, contents_document
from tests.fakes.scoring import RULES

COMMAND: Final = str(Path(sys.executable).with_name("risksentinel"))
PAYMENTS: Final = 20_000
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_HEAD: Final = (
    "id",
    "sender_id",
    "receiver_id",
    "amount_zar",
    "channel",
    "occurred_at",
    "is_fraud",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database, and a file of payments."""
    folder = tmp_path_factory.mktemp("home")
    migrate(f"sqlite:///{folder / 'risksentinel.db'}")
    with (folder / "payments.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(_HEAD)
        for number in range(PAYMENTS):
            fraud = number % 97 == 0
            out.writerow(
                (
                    f"p{number}",
                    f"620000{number % 1_013:05}",
                    f"630000{number % 211:05}" if not fraud else f"640000{number:05}",
                    "49000.00" if fraud else f"{20 + number % 180}.00",
                    "mobile_banking",
                    (BEGIN + timedelta(seconds=37 * number)).isoformat(),
                    int(fraud) if number % 3 else "",
                )
            )
    return folder


def arguments(home: Path, out: Path) -> list[str]:
    """A backtest of the file, by a policy with another threshold."""
    policy = home / "policy.yaml"
    if not policy.exists():
        contents = PolicyContents(Policy(high=Decimal("0.55")), ActiveRules(RULES), None)
        policy.write_text(to_yaml(contents_document(contents)))
    payments = home / "payments.csv"
    return ["backtest", "--from", str(payments), "--policy", str(policy), "--out", str(out)]


def environ(home: Path) -> Mapping[str, str]:
    """The environment of a command with its data in `home`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251 - a child's
    return {**kept, "RISKSENTINEL_HOME": str(home), "LOG_LEVEL": "error"}


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *words], env=environ(home), capture_output=True, text=True, check=False
    )


def killed(home: Path, out: Path, stop: signal.Signals, segments: int) -> int:
    """Run until so many segments are stored, then send the signal; answer the exit code."""
    process = subprocess.Popen(  # noqa: S603 - our own command
        [COMMAND, *arguments(home, out)],
        env=environ(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 240
    while len(list((out / ".checkpoint").glob("c*/*.parquet"))) < segments:
        assert process.poll() is None, "it ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(stop)
    return process.wait(60)


def files(out: Path) -> dict[str, Any]:
    """What the report says, without the time of its labels; the bytes of the other files."""
    report = json.loads((out / "report.json").read_bytes())
    report.pop("labels_as_of")
    others = {p.name: p.read_bytes() for p in out.iterdir() if p.name != "report.json"}
    return {"report.json": report, **others}


def test_a_backtest_that_is_killed_twice_gives_the_same_files(home: Path, tmp_path: Path) -> None:
    """By `kill -9` and by an interruption; the same command goes on."""
    whole, out = tmp_path / "whole", tmp_path / "killed"
    done = run(home, *arguments(home, whole))
    assert done.returncode == 0, done.stderr

    assert killed(home, out, signal.SIGKILL, 1) == -signal.SIGKILL
    assert killed(home, out, signal.SIGINT, 2) == 130
    again = run(home, *arguments(home, out))

    assert again.returncode == 0, again.stderr
    found = files(out)
    assert found == files(whole)
    assert set(found) == {"report.json", "report.html", "changes.parquet", "grounds.parquet"}
    report = found["report.json"]
    assert report["payments"] == PAYMENTS
    assert report["labelled_fraud"] + report["labelled_genuine"] + report["unlabelled"] == PAYMENTS
    assert report["figures"]["candidate"]["frauds_caught"] > 0
    assert "20,000 payments" in again.stdout


def test_other_inputs_are_refused_until_the_checkpoint_is_gone(home: Path, tmp_path: Path) -> None:
    """The halves of two policies would be one report."""
    out = tmp_path / "out"
    killed(home, out, signal.SIGTERM, 1)

    other = run(home, *arguments(home, out), "--against", str(home / "policy.yaml"))

    assert other.returncode == 1
    assert "with another policies: delete the folder" in other.stderr
    assert not (out / "report.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--policy", "stored"], "--policy stored decides nothing"),
        (["--policy", "none.yaml"], "give live, the number of a version or a YAML file"),
        (["--since", "yesterday"], "--since"),
        (["--since", "2026-02-01T00:00:00Z", "--until", "2026-01-01T00:00:00Z"], "before --until"),
    ],
)
def test_wrong_options_exit_with_2_and_say_what_to_change(
    home: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    """Nothing is written."""
    done = run(home, "backtest", "--out", str(tmp_path / "out"), *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()
