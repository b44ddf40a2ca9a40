"""Sources for tests: in a thread, or as a process."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from uuid import uuid4

from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import Batching, RetryPolicy, SourceOptions
from infra.kafka_source.run import run

TIMEOUT = 30.0
BRIEF = RetryPolicy(retries=2, delay=0.001, outage=60.0, max_pause=0.05)


def options(servers: str, topic: str, sink: str, **given: object) -> SourceOptions:
    """Return options with a consumer group of its own and short retries."""
    plain: dict[str, object] = {
        "group": f"group-{uuid4()}",
        "name": "a-source",
        "retry_policy": BRIEF,
        "session_timeout": 6.0,
        "batching": Batching(1),
    }
    return SourceOptions(servers=servers, topics=(topic,), sink=sink, **{**plain, **given})  # type: ignore[arg-type]  # of all types


@dataclass
class RunningSource:
    """A source in a thread."""

    options: SourceOptions
    metrics: SourceMetrics
    flag: Flag
    thread: Thread

    def stop(self) -> float:
        """Stop the source as SIGTERM does; return the seconds that it took."""
        start = time.monotonic()
        self.flag.set()
        self.thread.join(TIMEOUT)
        assert not self.thread.is_alive()
        return time.monotonic() - start


@contextmanager
def running(given: SourceOptions) -> Iterator[RunningSource]:
    """Run a source while the block runs."""
    metrics, flag = SourceMetrics(given.group), Flag()
    source = RunningSource(
        given, metrics, flag, Thread(target=run, args=(given, metrics, flag), daemon=True)
    )
    source.thread.start()
    try:
        yield source
    finally:
        source.stop()


@contextmanager
def process(
    servers: str, topic: str, sink: str, group: str, folder: Path, *more: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m infra.kafka_source`, with its log in `source.log` in the folder."""
    where = ("--servers", servers, "--topic", topic, "--group", group, "--sink", sink)
    command = [sys.executable, "-m", "infra.kafka_source", *where, "--session-seconds", "6", *more]
    environ = {**os.environ, "LOG_LEVEL": "debug"}  # noqa: TID251 - a child's
    with (folder / "source.log").open("ab") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, env=environ)  # noqa: S603
        try:
            yield child
        finally:
            child.kill()
            child.wait(TIMEOUT)


def until(true: Callable[[], bool], what: str, seconds: float = TIMEOUT) -> None:
    """Wait for a condition; fail with its name."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.01)
