"""The embedded engine, or another command, as a process with a port and a folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_server
from types import MappingProxyType
from typing import Any

import urllib3

BIN = Path(sys.executable).parent
TIMEOUT_SECONDS = 60.0  # enough on a loaded machine


@dataclass
class Answer:
    """An HTTP response; `body` is decoded if it is JSON."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass
class EngineProcess:
    """A running process that serves HTTP on a loopback port."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    pool: urllib3.PoolManager

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,  # noqa: ANN401 - any JSON
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; a body of another type than bytes is sent as JSON."""
        given = {"Content-Type": "application/json", **(headers or {})}
        sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        found = self.pool.request(
            method, f"http://127.0.0.1:{self.port}{path}", body=sent, headers=given, redirect=False
        )
        is_json = "json" in found.headers.get("Content-Type", "")
        return Answer(found.status, found.json() if is_json else found.data, found.headers)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send the signal, wait for the end, and return the exit code."""
        self.process.send_signal(how)
        return self.process.wait(TIMEOUT_SECONDS)


@contextmanager
def started(
    command: list[str],
    folder: Path,
    settings: Mapping[str, str] = MappingProxyType({}),
    statuses: Collection[int] = (200,),
) -> Iterator[EngineProcess]:
    """Start a command with PORT and RISKSENTINEL_HOME set; wait for a readiness response."""
    port = int(settings.get("PORT", "0")) or free_port()
    ours = {
        "PORT": str(port),
        "RISKSENTINEL_HOME": str(folder),
        "DECISION_DEADLINE_MS": "none",  # a busy machine must not decide; test_deadline.py has one
    }
    environ = {**os.environ, **ours, **settings}  # noqa: TID251 - of a child process
    log = folder.parent / f"{folder.name}-{port}.log"
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=out)  # noqa: S603
    engine = EngineProcess(process, port, log, urllib3.PoolManager(retries=False, timeout=10.0))
    try:
        wait_until(lambda: _answers(engine, statuses), f"{command[0]} to be ready")
        yield engine
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(TIMEOUT_SECONDS)
        engine.pool.clear()


def serving(folder: Path, **settings: str) -> AbstractContextManager[EngineProcess]:
    """Run `risksentinel serve`, as `make run` does."""
    return started([str(BIN / "risksentinel"), "serve"], folder, settings)


def free_port() -> int:
    """A free loopback port."""
    with create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait until `true()`; after TIMEOUT_SECONDS, fail with the name `what`."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {TIMEOUT_SECONDS} s for {what}")


def _answers(engine: EngineProcess, statuses: Collection[int]) -> bool:
    if engine.process.poll() is not None:
        raise AssertionError(f"the process ended: {engine.log.read_text()}")
    try:
        return engine.call("GET", "/health/readiness").status in statuses
    except urllib3.exceptions.HTTPError:
        return False
