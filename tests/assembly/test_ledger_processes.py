"""A ledger that is compared in several processes has the result of one process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from risksentinel.adapters.sql.ledger_scan import scan_ledger
from risksentinel.assembly import ledger_processes
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchors, head_keys
from risksentinel.assembly.ledger_processes import (
    MAX_PROCESSES,
    WORTH_PROCESSES,
    ComparingProcesses,
    processes_for,
)
from risksentinel.errors import Unavailable
from risksentinel.usecases import verify_ledger as module
from risksentinel.usecases.compare_entries import Exceptions
from risksentinel.usecases.verify_ledger import Verified, VerifyLedger
from tests.adapters.sql.emptied import cleared
from tests.ledger.kept import chained, commit, container_at, tampering
from tests.ledger.random_ledgers import written

ACTS = ["rule", "pay", "label", "alert", "erase", "fill_a_tile", "pay", "anchor", "listed", "pay"]


@pytest.fixture
def container(engine: Engine, tmp_path: Path) -> Iterator[Container]:
    """A ledger with entries of each kind."""
    made = container_at(engine.url.render_as_string(hide_password=False), tmp_path)
    written(made, ACTS)
    yield made
    cleared(engine)
    made.close()


def verified(container: Container, processes: int) -> Verified:
    """The result with so many processes besides this one; 0 is this one only."""
    heads, keys = anchors(container), head_keys(container)
    if not processes:
        return VerifyLedger(lambda: scan_ledger(container.engine), heads, keys)()
    many = ComparingProcesses(container, processes)
    return VerifyLedger(many.open, heads, keys, many.compare)()


@pytest.mark.parametrize("is_edited", [False, True])
def test_several_processes_find_what_one_finds(
    container: Container, monkeypatch: pytest.MonkeyPatch, *, is_edited: bool
) -> None:
    """The order of the ranges decides which entry is named first, and which may lack a tag."""
    monkeypatch.setattr(module, "AT_ONCE", 7)
    if is_edited:
        with tampering(container) as connection:
            for statement in (
                "UPDATE audit_log SET tag = NULL WHERE id % 9 = 0",
                "DELETE FROM audit_log WHERE id % 31 = 0",
                "UPDATE audit_log SET actor = 'ceo' WHERE id % 43 = 0",
            ):
                connection.execute(text(statement))

    one, many = verified(container, 0), verified(container, 2)

    assert one == many
    assert one.entries > 250
    assert bool(one.faults) == is_edited


def test_all_processes_read_the_snapshot_of_the_first(container: Container) -> None:
    """A payment that is erased meanwhile must not look changed."""
    processes = ComparingProcesses(container, 2)

    with processes.open() as scan:
        size = scan.state().head.size
        commit(container.engine, 5000)
        chained(container)
        ranges = [(number, number + 1) for number in range(size + 1)]
        found = list(processes.compare(scan, Exceptions.read(scan), ranges))

    assert [each.entries for each in found] == [1] * size + [0]


def test_a_process_that_ends_is_an_error_not_a_result(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that was not compared must not be reported as free of faults."""
    processes = ComparingProcesses(container, 1)
    monkeypatch.setattr(ledger_processes, "STOP_SECONDS", 1.0)

    with processes.open() as scan, pytest.raises(Unavailable, match="verification"):
        list(processes.compare(scan, Exceptions.read(scan), [(1,)]))  # type: ignore[list-item]


def test_a_short_ledger_needs_no_process() -> None:
    """A process takes a second to start."""
    assert processes_for(WORTH_PROCESSES - 1) == 0
    assert processes_for(10**9) in {0, *range(2, MAX_PROCESSES + 1)}
