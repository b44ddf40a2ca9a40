"""The responses to callers during the shutdown of an activator."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import socket
from threading import Event as Flag

import pytest

from infra.devstack.activator.activator_server import ENDED_WITHIN
from infra.devstack.stack import programs
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.program import listener
from infra.devstack.stack.programs import Programs
from tests.infra.devstack.activator.activated import TIMEOUT, Activated, activated
from tests.infra.devstack.stack.stack_process import wait_until

LONG = 20_000_000  # bytes: more than a socket takes at once
WAITRESS_GIVES_UP = 5.0  # seconds after which it lets go of its threads
FUNCTION = """
import os, pathlib, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLDER = pathlib.Path(os.environ["FOLDER"])

class Slow(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path != "/health/readiness":
            (FOLDER / "asked").touch()
            while not (FOLDER / "may-answer").exists():
                time.sleep(0.05)
        self.send_response(200 if (FOLDER / "ready").exists() else 503)
        body = b"x" * int(os.environ["LENGTH"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Slow).serve_forever()
"""
BROKEN = """
import infra.devstack.activator.__main__ as main
from risksentinel.errors import Misconfigured

def process(*_):
    raise Misconfigured("no process")

main.FunctionProcess = process
main.activator()
"""


def test_a_slow_request_is_answered_during_a_shutdown(tmp_path: Path) -> None:
    """The shutdown waits for a slow function and for sending its whole response."""
    (tmp_path / "ready").touch()
    with _activated(tmp_path) as active, ThreadPoolExecutor() as threads:
        slow = threads.submit(active.ask, "GET", "/slow")
        wait_until((tmp_path / "asked").exists, "the request to be under way")

        active.process.terminate()
        Flag().wait(WAITRESS_GIVES_UP + 2)
        (tmp_path / "may-answer").touch()

        assert slow.result(TIMEOUT).status == 200
        assert len(slow.result().data) == LONG
        assert active.process.wait(TIMEOUT) == 0


def test_buffered_requests_get_503_at_a_shutdown(tmp_path: Path) -> None:
    """Buffered requests get 503 with Retry-After, not a closed connection."""
    with _activated(tmp_path) as active, ThreadPoolExecutor() as threads:
        held = threads.submit(active.ask, "GET", "/")
        wait_until(lambda: bool(active.processes), "the request to be held")

        active.process.terminate()

        answer = held.result(TIMEOUT)
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"
        assert active.process.wait(TIMEOUT) == 0


def test_a_failed_activator_answers_and_exits(tmp_path: Path) -> None:
    """A failed activator exits with 1, so that its supervisor starts another one."""
    with activated(tmp_path / "log", ["true"], {}, {}, ("-c", BROKEN)) as active:
        answer = active.ask("GET", "/")

        assert answer.status == 503
        assert "its activator failed: Misconfigured" in answer.json()["detail"]
        assert active.process.wait(TIMEOUT) == 1
    assert active.times("internal_error") == 1
    assert "no process" in active.log.read_text()


def test_the_stack_waits_for_the_shutdown_of_an_activator(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The stack waits for the longest shutdown of an activator before it kills the process."""
    with ExitStack() as doors, closing(Logs(sys.stdout.buffer, coloured=False)) as logs:

        def listen_socket(host: str, port: int) -> socket:
            return doors.enter_context(listener(host, port))

        monkeypatch.setattr(programs, "listener", listen_socket)
        placed = Programs({}, {}, logs, idle=1).functions()

    assert {each.program.within for each in placed} == {ENDED_WITHIN}


@contextmanager
def _activated(folder: Path) -> Iterator[Activated]:
    command = [sys.executable, "-c", FUNCTION]
    options = {"--start-timeout": "50"}
    environment = {"FOLDER": str(folder), "LENGTH": str(LONG)}
    with activated(folder / "log", command, options, environment) as active:
        yield active
