"""HTTP with SQLite: one gunicorn worker of 8 threads, one payment in each request."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory

from rich.console import Console

from infra.bench.http_load import measure, wait_for
from infra.bench.load_generator import TIMEOUT_SECONDS
from infra.bench.server_fixtures import Running

THREADS = 8
WORKER = "risksentinel.server.gunicorn_worker.BufferingWorker"  # as infra/gunicorn.conf.py


def run(console: Console) -> None:
    """Print latency, throughput and processor time."""
    title = f"HTTP, one gunicorn worker of {THREADS} threads, SQLite"
    with TemporaryDirectory() as folder, embedded_server(Path(folder)) as server:
        measure(console, title, server.port, {"engine": [server.pid]})


@contextmanager
def embedded_server(folder: Path) -> Iterator[Running]:
    """Run the embedded engine behind gunicorn, with its data and its log in the folder."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "infra.bench.wsgi:application()", "--workers=1"]
    command += [f"--threads={THREADS}", f"--worker-class={WORKER}", f"--bind=127.0.0.1:{port}"]
    command += ["--log-level=warning", "--keep-alive=30"]
    environ = {"RISKSENTINEL_HOME": str(folder), "PATH": "/usr/bin:/bin", "LOG_LEVEL": "info"}
    environ["MAX_LATENESS_SECONDS"] = "none"  # measured payments are dated in the past
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603
        try:
            wait_for(port)
            yield Running(port, server.pid)
        finally:
            server.terminate()
            server.wait(TIMEOUT_SECONDS)
