"""The deadline of decisions while sources are stalled: latencies and answers, one client a stall.

PostgreSQL and Redis are stopped by SIGSTOP, the rule book by a lock on its tables, the model by a
sleep. Requests start at a fixed rate, whether or not earlier ones were answered.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from signal import SIGCONT, SIGSTOP
from subprocess import Popen
from tempfile import TemporaryDirectory
from threading import local
from time import perf_counter, sleep
from typing import Any, Final

import psycopg
from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table
from infra.bench.http_load import wait_for
from infra.devstack.servers.ports import ports_of
from infra.devstack.servers.postgres import Postgres
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.server import Server
from risksentinel.http.payment_deadline import STARTING_SECONDS

DEADLINE_MS: Final = 250
A_SECOND: Final = 60
SECONDS: Final = 20
CONNECTIONS: Final = 24
_PATH: Final = "/api/v1/transactions/"


@dataclass(frozen=True, slots=True)
class Answer:
    """The seconds of one request, and its status."""

    seconds: float
    status: int


@dataclass(frozen=True, slots=True)
class Bench:
    """A running engine, and what can be stalled."""

    port: int
    postgres: Postgres
    redis: Redis
    flag: Path

    @property
    def stalls(self) -> Mapping[str, Callable[[], Any]]:
        """What each stall does; a context manager that ends it."""
        return {
            "nothing": ExitStack,
            "Redis": lambda: frozen(self.redis),
            "PostgreSQL": lambda: frozen(self.postgres),
            "model": lambda: stalled_model(self.flag),
            "rule book": lambda: locked(self.postgres, "rule_book", "fraud_rules", "lists"),
            "Redis, model, rule book": lambda: _together(
                frozen(self.redis),
                stalled_model(self.flag),
                locked(self.postgres, "rule_book", "fraud_rules", "lists"),
            ),
            "all of them": lambda: _together(
                stalled_model(self.flag), frozen(self.redis), frozen(self.postgres)
            ),
        }


@contextmanager
def deadline_bench(deadline_ms: int = DEADLINE_MS) -> Iterator[Bench]:
    """Start servers and engine; stop them after the block."""
    with TemporaryDirectory() as home, Postgres() as postgres, Redis() as redis:
        flag = Path(home) / "stall"
        (port,) = ports_of(Path(home), 1)
        environment = {
            **os.environ,  # noqa: TID251 - a child's
            **postgres.settings,
            **redis.settings,
            "PORT": str(port),
            "RISKSENTINEL_HOME": home,
            "LEDGER_SIGNING_KEY_FILE": "",
            "LOG_LEVEL": "error",
            "MAX_LATENESS_SECONDS": "none",
            "DECISION_DEADLINE_MS": str(deadline_ms),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        command = [sys.executable, "-m", "infra.bench.stalled_engine", str(flag)]
        with Popen(command, env=environment) as engine:  # noqa: S603 - the words are ours
            try:
                wait_for(port)
                sent(port, "start", 1, 1)
                sleep(STARTING_SECONDS + 0.1)  # until then there is no deadline
                yield Bench(port, postgres, redis, flag)
            finally:
                flag.unlink(missing_ok=True)
                engine.terminate()


def sent(port: int, prefix: str, count: int, a_second: float) -> list[Answer]:
    """Send payments at this rate; the time of each counts from when it was due."""
    mine, lines = local(), list[HTTPConnection]()
    began = perf_counter() + 0.1

    def one(number: int, payment: dict[str, Any]) -> Answer:
        due = began + number / a_second
        sleep(max(0.0, due - perf_counter()))
        start = perf_counter()
        if not hasattr(mine, "line"):
            mine.line = HTTPConnection("127.0.0.1", port, timeout=30)
            lines.append(mine.line)
        body = json.dumps({**payment, "id": f"{prefix}-{number}"})
        mine.line.request("POST", _PATH, body, {"Content-Type": "application/json"})
        response = mine.line.getresponse()
        response.read()
        return Answer(perf_counter() - start, response.status)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        answers = list(pool.map(one, range(count), payments(count)))
    for line in lines:
        line.close()
    return answers


def run(console: Console) -> None:
    """Print percentiles of the answers under each stall."""
    rows = []
    with deadline_bench() as bench:
        sent(bench.port, "warm", 300, A_SECOND)
        for number, (name, stall) in enumerate(bench.stalls.items()):
            with stall():
                answers = sent(bench.port, f"stall-{number}", SECONDS * A_SECOND, A_SECOND)
            rows.append(_row(name, answers))
            sleep(3.0)  # what was stalled answers again
            sent(bench.port, f"after-{number}", 2 * A_SECOND, A_SECOND)
    title = f"{A_SECOND} payments a second for {SECONDS} s, deadline {DEADLINE_MS} ms"
    print_table(console, title, rows)


def _row(name: str, answers: Sequence[Answer]) -> dict[str, str]:
    seconds = [each.seconds for each in answers]
    statuses = Counter(each.status for each in answers)
    return {
        "stalled": name,
        "p50": milliseconds(percentile(seconds, 0.5)),
        "p99": milliseconds(percentile(seconds, 0.99)),
        "p99.9": milliseconds(percentile(seconds, 0.999)),
        "longest": milliseconds(max(seconds)),
        "answers": ", ".join(f"{count} of {status}" for status, count in statuses.most_common()),
    }


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    """The server accepts connections and does not answer."""
    pid = server.pid or 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    processes = [pid, *map(int, children)]
    for process in processes:
        os.kill(process, SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, SIGCONT)


@contextmanager
def locked(server: Postgres, *tables: str) -> Iterator[None]:
    """No statement reads these tables."""
    url = server.settings["DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


@contextmanager
def stalled_model(flag: Path) -> Iterator[None]:
    """Each run of the model takes seconds."""
    flag.touch()
    try:
        yield
    finally:
        flag.unlink()


@contextmanager
def _together(*stalls: Any) -> Iterator[None]:  # noqa: ANN401 - context managers
    with ExitStack() as stack:
        for each in stalls:
            stack.enter_context(each)
        yield


if __name__ == "__main__":
    run(Console(width=160))
