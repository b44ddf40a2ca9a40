"""Writers whose commits come late, and several processes that chain: each entry gets one leaf."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import chain_entries
from risksentinel.errors import Rejected
from tests.adapters.sql.emptied import cleared
from tests.ledger.kept import chained, commit, container_at, entry, faults

WRITERS: Final = 3
COMMITS: Final = 20
_CHAINED: Final = text(
    "SELECT a.subject_id FROM audit_log a JOIN ledger_leaves l ON l.entry_id = a.id"
    " ORDER BY l.sequence"
)
_steps: Final = st.lists(
    st.tuples(st.integers(0, WRITERS - 1), st.sampled_from(["write", "commit", "fail", "chain"])),
    max_size=24,
)


class Writers:
    """Transactions that are open at the same time; each has written at least one entry."""

    def __init__(self, engine: Engine) -> None:
        self._ledger = SqlLedger(engine)
        self._open: dict[int, tuple[ExitStack, SqlUnit, list[int]]] = {}
        self._next = 0
        self.committed: set[str] = set()

    def write(self, writer: int) -> None:
        """Write an entry in the writer's transaction."""
        if writer not in self._open:
            stack = ExitStack()
            self._open[writer] = stack, stack.enter_context(self._ledger.unit()), []
        _, unit, numbers = self._open[writer]
        self._next += 1
        unit.audit([entry(self._next)])
        unit.send()
        numbers.append(self._next)

    def end(self, writer: int, *, fails: bool) -> None:
        """Commit the writer's transaction, or roll it back."""
        if writer not in self._open:
            return
        stack, _, numbers = self._open.pop(writer)
        if fails:
            error = Rejected("the unit fails")
            stack.__exit__(type(error), error, None)
        else:
            stack.close()
            self.committed |= {f"e-{number}" for number in numbers}

    def end_all(self) -> None:
        """Commit what is open."""
        for writer in list(self._open):
            self.end(writer, fails=False)


def subjects(engine: Engine) -> list[str]:
    """The subjects of the chained entries, in order."""
    with reading(engine) as connection:
        return list(connection.execute(_CHAINED).scalars())


@contextmanager
def ledger(url: str) -> Iterator[Container]:
    """An empty ledger."""
    engine = open_engine(url)
    with TemporaryDirectory() as folder, closing(container_at(url, Path(folder))) as container:
        cleared(engine)
        yield container
        cleared(engine)
    engine.dispose()


@settings(max_examples=60)
@given(steps=_steps)
@example(steps=[(0, "write"), (1, "write"), (1, "commit"), (0, "chain"), (0, "commit")])
@example(steps=[(0, "write"), (1, "write"), (0, "write"), (1, "commit"), (0, "chain")])
@example(steps=[(0, "write"), (1, "write"), (1, "commit"), (0, "fail"), (0, "chain")])
def test_no_entry_is_skipped_or_chained_twice_whenever_writers_commit(
    postgresql_url: str, steps: Sequence[tuple[int, str]]
) -> None:
    """A commit that comes late has an entry with an earlier number than those that are there."""
    with ledger(postgresql_url) as container:
        writers, chain = Writers(container.engine), chain_entries(container)
        seen: list[str] = []
        for writer, step in steps:
            if step == "write":
                writers.write(writer)
            elif step == "chain":
                chain()
                assert subjects(container.engine)[: len(seen)] == seen
                seen = subjects(container.engine)
                assert set(seen) <= writers.committed
            else:
                writers.end(writer, fails=step == "fail")
        writers.end_all()
        chained(container)
        found = subjects(container.engine)

        assert found[: len(seen)] == seen
        assert sorted(found) == sorted(writers.committed)
        assert faults(container) == []


def test_processes_that_chain_at_the_same_time_chain_each_entry_once(url: str) -> None:
    """Each function process has a thread that chains."""
    with ledger(url) as container:
        chain = chain_entries(container)

        def write(writer: int) -> int:
            for number in range(COMMITS):
                commit(container.engine, writer * COMMITS + number)
            return COMMITS

        def chain_often(_: int) -> int:
            return sum(chain() for _ in range(COMMITS))

        with ThreadPoolExecutor(2 * WRITERS) as pool:
            written = pool.map(write, range(WRITERS))
            early = sum(pool.map(chain_often, range(WRITERS)))
            total = sum(written)
        chained(container)
        found = subjects(container.engine)

        assert early <= total
        assert sorted(found) == sorted(f"e-{number}" for number in range(total))
        assert faults(container) == []
