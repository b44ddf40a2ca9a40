"""The sessions in memory, in SQLite and in PostgreSQL: one contract."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.session_records import SqlSessionRecords
from risksentinel.adapters.sql.session_unit import SqlSessionLedger
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from risksentinel.domain.session import IDLE_LIFE, LIFE, Session
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.sessions import SessionLedger, SessionRecords
from tests.adapters.sql.emptied import emptied
from tests.fakes.memory_sessions import InMemorySessions
from tests.strategies import NOW

SESSION = Session(
    id="s-1",
    digest="ab" * 32,
    name="thandi@bank.example",
    roles=frozenset({Role.ANALYST, Role.RULE_AUTHOR}),
    label_sources=frozenset({LabelSource.CHARGEBACK}),
    started_at=NOW,
    used_at=NOW,
)
ENTRY = AuditEntry(NOW, SESSION.name, "session.started", "session", "s-1", {"proof": "oidc"})
LATER = NOW + timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Bench:
    """Records and ledger of one store, and a reader of its audit entries."""

    records: SessionRecords
    ledger: SessionLedger
    audit: Callable[[], list[AuditEntry]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A store without sessions."""
    if request.param == "memory":
        memory = InMemorySessions()
        yield Bench(memory, memory, lambda: memory.entries)
        return
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    emptied(engine)

    def audit() -> list[AuditEntry]:
        with reading(engine) as connection:
            rows = connection.execute(select(audit_log).order_by(audit_log.c.id))
            return [AuditEntry(*row[1:7]) for row in rows]

    yield Bench(SqlSessionRecords(engine), SqlSessionLedger(engine), audit)
    engine.dispose()


def test_a_started_session_is_read_as_it_was_written(bench: Bench) -> None:
    """Every function reads the sessions that the dashboard starts."""
    with bench.ledger.unit() as unit:
        unit.start(SESSION)
        unit.audit([ENTRY])

    assert bench.records.session(SESSION.digest) == SESSION
    assert bench.records.session("cd" * 32) is None
    assert bench.audit() == [ENTRY]


def test_a_unit_that_fails_starts_nothing(bench: Bench) -> None:
    """A session without its audit entry must not exist."""

    def fail() -> None:
        with bench.ledger.unit() as unit:
            unit.start(SESSION)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert bench.records.session(SESSION.digest) is None


def test_a_use_moves_the_end_of_the_session_and_never_back(bench: Bench) -> None:
    """Two functions write their uses in any order."""
    with bench.ledger.unit() as unit:
        unit.start(SESSION)

    bench.records.used(SESSION.digest, LATER)
    bench.records.used(SESSION.digest, NOW + timedelta(minutes=1))

    assert bench.records.session(SESSION.digest) == replace(SESSION, used_at=LATER)


def test_a_session_ends_once(bench: Bench) -> None:
    """Two sign-outs at once write one audit entry: only one of them gets the session."""
    with bench.ledger.unit() as unit:
        unit.start(SESSION)

    with bench.ledger.unit() as unit:
        first, second = unit.end(SESSION.digest), unit.end(SESSION.digest)

    assert (first, second) == (SESSION, None)
    bench.records.used(SESSION.digest, LATER)  # of a function that still knows it
    assert bench.records.session(SESSION.digest) is None


@pytest.mark.parametrize(
    ("at", "is_kept"),
    [
        (NOW + IDLE_LIFE - timedelta(microseconds=1), True),
        (NOW + IDLE_LIFE, False),
        (NOW + LIFE, False),
    ],
)
def test_sessions_that_are_over_are_deleted(bench: Bench, at: datetime, *, is_kept: bool) -> None:
    """The names of people are not stored longer than they are needed."""
    with bench.ledger.unit() as unit:
        unit.start(SESSION)

    with bench.ledger.unit() as unit:
        unit.clean(at)

    assert (bench.records.session(SESSION.digest) is not None) is is_kept
