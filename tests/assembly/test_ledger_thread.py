"""The thread that chains the ledger: when it works, and when it sends nothing."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import pytest
from sqlalchemy import Engine, event, text

from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.entry_wake_up import wake_up_of
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.ledger_log import SqlLedgerLog
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchor_ledger, anchors, chain_entries, head_keys
from risksentinel.assembly.ledger_thread import ANCHOR_CHECK, LedgerThread, Timing, Work
from risksentinel.assembly.ledger_thread import ledger_thread as build
from risksentinel.domain.ledger_entry import Head
from risksentinel.errors import Rejected, Unavailable
from risksentinel.usecases.anchor_ledger import INTERVAL
from tests.adapters.sql.conftest import postgres_engine, postgres_url
from tests.adapters.sql.emptied import cleared
from tests.adapters.sql.samples import event as outbox_event
from tests.functions.caller import NOW
from tests.ledger.kept import commit, container_at, entry

__all__ = ["postgres_engine", "postgres_url"]
LONG = 600.0  # seconds: a wait that no test reaches
QUIET = 3.0
STEPS = (  # so many entries, then the clock is set
    (1, timedelta(minutes=3)),
    (2, INTERVAL),
    (0, INTERVAL + ANCHOR_CHECK),
    (0, 3 * INTERVAL),
)
_COMMIT_AND_DIE = """
import os, signal, sys
from risksentinel.adapters.sql.engine import open_engine
from tests.ledger.kept import commit
commit(open_engine(sys.argv[1]), 7)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Hand:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Hand:
    """The clock of the container."""
    return Hand()


@pytest.fixture
def container(engine: Engine, tmp_path: Path, clock: Hand) -> Iterator[Container]:
    """The container of a process with a key."""
    made = container_at(address(engine), tmp_path, clock)
    yield made
    cleared(engine)
    made.close()


@contextmanager
def started(thread: LedgerThread) -> Iterator[None]:
    """Run the thread while the block runs."""
    thread.start()
    try:
        yield
    finally:
        thread.ask_to_stop()
        thread.join()


def until(condition: Callable[[], bool], seconds: float = 15.0) -> float:
    """Wait for the condition; answers the seconds that it took."""
    began = monotonic()
    while not condition():
        if monotonic() - began > seconds:
            pytest.fail(f"the condition did not hold within {seconds} s")
        sleep(0.01)
    return monotonic() - began


def roll_back(engine: Engine) -> None:
    """Write an entry in a unit that fails."""
    with SqlLedger(engine).unit() as unit:
        unit.audit([entry()])
        raise Rejected("the unit fails")


def address(engine: Engine) -> str:
    """The URL of the database."""
    return engine.url.render_as_string(hide_password=False)


def size(engine: Engine) -> int:
    """The number of chained entries."""
    return SqlLedgerLog(engine).head().size


def test_an_idle_process_sends_no_statement(container: Container, engine: Engine) -> None:
    """Hundreds of idle processes must not keep the database busy."""
    taken: list[object] = []
    commit(container.engine, 1)
    event.listen(container.engine, "checkout", lambda *_: taken.append(_))

    with started(build(container, "idle")):
        until(lambda: SqlLedgerLog(engine).anchored() is not None)
        sleep(0.2)
        at_start = len(taken)
        sleep(QUIET)
        while_idle = len(taken) - at_start
        commit(container.engine, 2)
        seconds = until(lambda: size(engine) == 2)

    assert at_start > 1
    assert while_idle == 0
    assert seconds < 5


def test_a_commit_without_an_entry_wakes_nothing(container: Container) -> None:
    """The relay writes to the outbox without end."""
    wake_up = wake_up_of(container.engine)

    with SqlLedger(container.engine).unit() as unit:
        unit.enqueue([outbox_event("ev-1")])
    after_event = wake_up.is_set()
    with pytest.raises(Rejected):
        roll_back(container.engine)
    after_rollback = wake_up.is_set()
    commit(container.engine, 1)

    assert (after_event, after_rollback, wake_up.is_set()) == (False, False, True)


def test_an_entry_of_a_process_that_was_killed_is_chained_by_another(
    container: Container, engine: Engine
) -> None:
    """No later commit may come for hours."""
    with started(build(container, "other", Timing(poll=0.2))):
        until(lambda: SqlLedgerLog(engine).lag() is None)
        sleep(0.5)
        command = [sys.executable, "-c", _COMMIT_AND_DIE, address(engine)]
        died = subprocess.run(command, check=False, timeout=60)  # noqa: S603 - the command is ours
        until(lambda: size(engine) == 1)

    assert died.returncode == -signal.SIGKILL


def test_an_entry_behind_an_open_transaction_is_chained_when_that_ends(
    postgres_engine: Engine, tmp_path: Path
) -> None:
    """The commit woke the thread too early; the next poll would be half a minute later."""
    container = container_at(address(postgres_engine), tmp_path)
    timing = Timing(gather=0, retry=0.05, poll=LONG)
    with started(build(container, "behind", timing)):
        with writing(postgres_engine) as other:
            other.execute(text("SELECT pg_current_xact_id()"))
            commit(container.engine, 1)
            sleep(0.5)
            while_open = size(container.engine), SqlLedgerLog(container.engine).lag()
        until(lambda: size(container.engine) == 1)
    container.close()

    assert while_open == (0, NOW)


def test_the_head_is_anchored_each_hour_while_entries_follow(
    container: Container, clock: Hand
) -> None:
    """An anchor shows what the ledger had at its time, also after the database was changed."""
    checks: list[Head | None] = []

    def anchor() -> Head | None:
        checks.append(anchor_ledger(container).if_due())
        return checks[-1]

    def sizes_at(now: datetime) -> list[int]:
        """The anchors after the thread has searched for one that is due at this time."""
        until(lambda: size(container.engine) == written[-1])
        before, clock.now = len(checks), now
        until(lambda: len(checks) > before)
        return [head.size for head in anchors(container).heads()]

    work, written = Work(chain_entries(container), lambda: False, anchor), [0]
    thread = LedgerThread(
        work, wake_up_of(container.engine), clock, Timing(gather=0, retry=LONG, poll=0.02)
    )
    with started(thread):
        found = [sizes_at(NOW + ANCHOR_CHECK)]
        for entries, later in STEPS:
            written.append(written[-1] + entries)
            for number in range(entries):
                commit(container.engine, number)
            found.append(sizes_at(NOW + later))
    heads, keys = anchors(container).heads(), head_keys(container)

    assert found == [[], [1], [1], [1, 3], [1, 3]]
    assert keys is not None
    assert all(map(keys.is_valid, heads))
    assert [head.at for head in heads] == [NOW + ANCHOR_CHECK, NOW + timedelta(minutes=3)]


@pytest.mark.parametrize("error", [Unavailable("database"), ZeroDivisionError()])
def test_a_pass_that_failed_is_repeated_soon(error: Exception) -> None:
    """After an outage the entries of its last second must not wait for a poll."""
    calls: list[int] = []

    def chain() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise error
        return 0

    work = Work(chain, lambda: False, lambda: None)
    with started(LedgerThread(work, Event(), lambda: NOW, Timing(retry=0.01, poll=LONG))):
        until(lambda: len(calls) >= 3)
        sleep(0.2)
        passes = len(calls)

    assert passes == 3


def test_a_process_that_stops_chains_what_it_committed(
    container: Container, engine: Engine
) -> None:
    """A process that scales to zero leaves nothing for others."""
    with started(build(container, "stops", Timing(gather=LONG, poll=LONG))):
        until(lambda: SqlLedgerLog(engine).lag() is None)
        commit(container.engine, 1)
        before = size(engine)

    assert (before, size(engine)) == (0, 1)
