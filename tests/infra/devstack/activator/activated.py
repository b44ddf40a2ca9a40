"""Starts `python -m infra.devstack.activator` with a command, as the stack does."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from infra.devstack.servers.ports import free_port
from infra.devstack.stack.program import listener
from tests.infra.devstack.stack.stack_process import family

TIMEOUT = 60.0


@dataclass
class Activated:
    """A listening activator."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path
    pool: urllib3.PoolManager

    def ask(
        self, method: str, path: str, body: object = None, timeout: float = TIMEOUT
    ) -> urllib3.BaseHTTPResponse:
        """Send one request, without retries."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self.pool.request(
            method, self.url + path, body=sent, headers=headers, retries=False, timeout=timeout
        )

    def times(self, event: str) -> int:
        """Return how often the activator has logged this text."""
        return len(re.findall(rf"activator\.{event}\b", self.log.read_text()))

    @property
    def processes(self) -> list[int]:
        """Return the started processes that have not ended."""
        return family(self.process.pid)[1:]


@contextmanager
def activated(
    log: Path,
    command: Sequence[str],
    options: Mapping[str, str],
    environment: Mapping[str, str],
    program: Sequence[str] = ("-m", "infra.devstack.activator"),
) -> Iterator[Activated]:
    """Run an activator while the block runs; it must end after SIGTERM."""
    listen_socket = listener("127.0.0.1", 0)
    words = [sys.executable, *program, "--name", "sample"]
    words += ["--fd", str(listen_socket.fileno()), "--port", str(free_port())]
    words += [word for option in options.items() for word in option]
    environ = {**os.environ, "LOG_LEVEL": "info", **environment}  # noqa: TID251 - a child's
    with listen_socket, log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603
            [*words, "--", *command],
            env=environ,
            stdout=out,
            stderr=out,
            pass_fds=[listen_socket.fileno()],
        )
        url = f"http://127.0.0.1:{listen_socket.getsockname()[1]}"
        try:
            yield Activated(process, url, log, urllib3.PoolManager(maxsize=100, block=False))
        finally:
            process.terminate()
            process.wait(TIMEOUT)
