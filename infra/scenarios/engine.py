"""Starts `risksentinel serve` with a new home on a free port, and trains its model."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

from infra.devstack.servers.ports import free_port
from infra.devstack.servers.restartable_server import ServerFailed
from infra.scenarios.client import Client
from risksentinel.errors import Unavailable
from risksentinel.settings import Settings

READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
_PAUSE: Final = 0.1
_LOG_LINES: Final = 30
_PROBE: Final = {
    "sender_id": "probe",
    "receiver_id": "probe-shop",
    "amount_zar": "1.00",
    "channel": "pos",
}
# Scenarios are dated in the past, and what they ask is what is decided with all sources.
_PAST: Final = {"MAX_LATENESS_SECONDS": "none", "DECISION_DEADLINE_MS": "none"}
_NO_MODELS: Final[Mapping[str, str]] = {}
_COMMAND: Final = str(Path(sys.executable).with_name("risksentinel"))


@contextmanager
def serving(home: Path, models: Mapping[str, str] = _NO_MODELS) -> Iterator[str]:
    """Run an engine with its data in `home` while the block runs; yields its URL.

    `models` are the settings of the storage of models; without them it is in `home`.

    Raises:
        ServerFailed: the engine exited, was not ready within a minute, or stopped answering; with
            the end of its log.
    """
    with serving_with(home, PORT=str(free_port()), **_PAST, **models) as url:
        yield url


@contextmanager
def serving_with(home: Path, **ours: str) -> Iterator[str]:
    """The same, with these settings, PORT among them. Raises the same."""
    log = home.with_suffix(".log")
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [_COMMAND, "serve"], env=environ(home, **ours), stdout=out, stderr=out
        )
    url = f"http://127.0.0.1:{ours['PORT']}"
    try:
        _wait_until_ready(process, url)
        yield url
    except (ServerFailed, Unavailable) as error:
        raise ServerFailed(f"{error}; the end of its log:\n{_end(log)}") from error
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def start_training(folder: Path) -> subprocess.Popen[str]:
    """Start the training of a model, as `make train` does, without waiting for it."""
    command = [sys.executable, "-m", "ml.train", "--out", str(folder / "trained")]
    with _training_log(folder).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - our own command
            command, env=environ(folder), stdout=subprocess.PIPE, stderr=log, text=True
        )


def publish_trained(training: subprocess.Popen[str], home: Path) -> None:
    """Wait for the model, and promote it in `home`, a folder beside the model's.

    Raises:
        ServerFailed: the training or the promotion failed; with its output.
    """
    output, _ = training.communicate()
    if training.returncode:
        log = _end(_training_log(home.parent))
        raise ServerFailed(f"the training failed; the end of its log:\n{log}")
    command = [_COMMAND, "models", "publish", "--promote", output.strip()]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environ(home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServerFailed(f"the trained model cannot be promoted: {done.stderr}")


def import_history(home: Path, file: Path) -> None:
    """Import the payments of `file` as history. Raises ServerFailed, with the output."""
    command = [_COMMAND, "import", str(file), "--learn-only"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environ(home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServerFailed(f"the history is not imported: {done.stdout}{done.stderr}")


def verify_decisions(home: Path) -> str:
    """Compute every decision of the engine in `home` again; return the sums.

    Raises:
        ServerFailed: a decision is not equal to the last digit; with the differences.
    """
    command = [_COMMAND, "decisions", "verify", "--since", "1990-01-01T00:00:00Z"]
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environ(home), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ServerFailed(f"decisions are not computed again: {done.stdout}{done.stderr}")
    return done.stdout.strip()


def decide_in_order(home: Path) -> str:
    """Decide all payments of the engine in `home` in order, by its live policy; return the sum.

    Raises:
        ServerFailed: a decision is not the stored one; with those that differ.
    """
    out = home / "backtest"
    done = subprocess.run(  # noqa: S603 - our own command
        [_COMMAND, "backtest", "--policy", "live", "--out", str(out)],
        env=environ(home, **_PAST),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerFailed(f"the backtest failed: {done.stdout}{done.stderr}")
    report = json.loads((out / "report.json").read_bytes())
    differ = {name: each for name, each in report["changes"].items() if each["payments"]}
    if differ:
        raise ServerFailed(f"decisions are not those of a backtest: {json.dumps(differ)}")
    return f"{report['payments']:,} in order, all as stored"


def environ(home: Path, **ours: str) -> Mapping[str, str]:
    """This process's environment, but every setting of the engine at its default."""
    settings = {name.upper() for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in settings}  # noqa: TID251 - a child's
    return {**kept, "RISKSENTINEL_HOME": str(home), "LOG_LEVEL": "warning", **ours}


def wait_for_model(url: str) -> None:
    """Wait until the engine scores with its model, which it loads after the first payments.

    Raises:
        ServerFailed: no receipt names a model within a minute.
        Unavailable: the engine does not answer.
    """
    with Client(url) as client:
        probes = (_PROBE | {"id": f"probe-{number}"} for number in count())
        _wait(lambda: client.model_of(next(probes)) is not None, "no receipt names the model")


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            raise ServerFailed(f"`risksentinel serve` exited with {process.returncode}")
        with Client(url) as client:
            return client.is_ready()

    _wait(answers, "`risksentinel serve` is not ready")


def _wait(true: Callable[[], bool], fault: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise ServerFailed(f"{fault} after {READY_SECONDS:.0f} s")
        time.sleep(_PAUSE)


def _training_log(folder: Path) -> Path:
    return folder / "train.log"


def _end(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])
