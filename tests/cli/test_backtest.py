"""`risksentinel backtest` as an operator runs it: killed, run again, and with wrong options."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Final

import pytest

from tests.cli.backtest_command import COMMAND, arguments, environ, files, made_home, run

PAYMENTS: Final = 20_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database, and a file of payments."""
    return made_home(tmp_path_factory.mktemp("home"), PAYMENTS)


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
