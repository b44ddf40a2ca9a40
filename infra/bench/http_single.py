"""HTTP with SQLite: one gunicorn worker of 8 threads, one payment in each request."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory

from rich.console import Console

from infra.bench.http_load import TIMEOUT_SECONDS, measure, wait_for

THREADS = 8


def run(console: Console) -> None:
    """Print latency and throughput."""
    title = f"HTTP, one gunicorn worker of {THREADS} threads, SQLite"
    with TemporaryDirectory() as folder, _server(Path(folder)) as port:
        measure(console, title, port)


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "infra.bench.wsgi:application()", "--workers=1"]
    command += [f"--threads={THREADS}", "--worker-class=gthread", f"--bind=127.0.0.1:{port}"]
    command += ["--log-level=warning", "--keep-alive=30"]
    environ = {"RISKSENTINEL_HOME": str(folder), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "info"}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603
        try:
            wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait(TIMEOUT_SECONDS)
