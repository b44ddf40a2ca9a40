"""python -m infra.bench.cold_start_phases FUNCTION METHOD PATH: one cold start in this process.

Standard input is the body of the first request. Prints a line for each phase: its name, and the
time of the system clock at its end.
"""

import importlib
import os
import re
import runpy
import sys
from time import perf_counter, process_time

began = perf_counter()
sys.modules["rich"] = None  # type: ignore[assignment]  # structlog imports it if installed; images do not have it


def cold_start(function: str, method: str, path: str, body: bytes) -> None:
    """Start the function as the server does, and print the time after each phase."""
    _passed("interpreter", began)
    import functions_framework

    importlib.import_module(
        "risksentinel.server.gunicorn_worker"
    )  # the server that production uses
    server = runpy.run_path("infra/gunicorn.conf.py")
    server["post_fork"](None, None)
    _passed("server")
    source = f"functions/{function}/main.py"
    app = functions_framework.create_app(function, source)  # type: ignore[no-untyped-call]  # no types
    server["post_worker_init"](None)
    _passed("function")
    client = app.test_client()
    client.get("/health/readiness")
    _passed("connections")
    answer = client.open(path, method=method, data=body, headers=_HEADERS)
    _passed("first answer")
    _passed("computing", process_time())
    if not answer.status.startswith("2"):
        sys.exit(f"{function}: {answer.status} {answer.get_data(as_text=True)}")
    silent = re.search(r'silent_signals_total\{.*signal="ml"', client.get("/metrics").text)
    _passed("without a model", 1.0 if silent else 0.0)


_HEADERS = {
    "Content-Type": "application/json",
    "ce-specversion": "1.0",
    "ce-id": "wake-up",
    "ce-source": "/bench",
    "ce-type": "za.risksentinel.transaction.received.v1",
}


def _passed(phase: str, at: float | None = None) -> None:
    at = perf_counter() if at is None else at
    sys.stdout.write(f"phase {phase}={at}\n")  # read by the parent
    sys.stdout.flush()


if __name__ == "__main__":
    cold_start(sys.argv[1], sys.argv[2], sys.argv[3], sys.stdin.buffer.read())
    os._exit(0)  # do not wait for threads that import libraries
