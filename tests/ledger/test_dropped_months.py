"""Months are dropped by retention, and the ledger can still be verified."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, Executable, delete, select, update

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.month import Month
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.tables import audit_log, labels, ledger_leaves, risk_scores
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.cli.partitions import partitions
from risksentinel.migrations.migrate import migrate
from tests.adapters.sql.emptied import cleared
from tests.adapters.sql.own_schema import own_schema
from tests.functions.caller import PAYMENT, TRANSACTIONS, caller, said
from tests.ledger.kept import anchored, chained, container_at, fill, tampering

LONG_AGO: Final = Month.of(now()).after(-14).begin + timedelta(days=9)
RECENT: Final = Month.of(now()).after(-2).begin + timedelta(days=9)
RETAIN: Final = ("--retain-months", "12")
RETAIN_ALL: Final = (*RETAIN, "--retain-audit-months", "12")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the test's own, with partitions for all its months."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'risk.db'}"
        migrate(url)
        yield open_engine(url)
        return
    server = request.getfixturevalue("postgres_server")
    with own_schema(server.settings["DATABASE_URL"]) as url:
        migrate(url)
        engine = open_engine(url)
        months = SqlMonths(engine)
        for missing in months.missing(LONG_AGO, ahead=15):
            months.make(missing)
        yield engine
        engine.dispose()


class Hand:
    """A clock that a test sets."""

    now = LONG_AGO

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@pytest.fixture
def container(engine: Engine, tmp_path: Path) -> Iterator[Container]:
    """Entries of a month that retention drops, and entries of a later month."""
    clock = Hand()
    container = container_at(url_of(engine), tmp_path, clock)
    fill(container)
    anchored(container)
    clock.now = RECENT
    api = caller(container)
    for number in range(3):
        said(api.post(TRANSACTIONS, json={**PAYMENT, "id": f"new-{number}"}), 201)
    label = {"label": "fraud", "source": "chargeback"}
    said(api.post(f"{TRANSACTIONS}new-1/label", json=label), 201)
    clock.now = now()
    chained(container)
    yield container
    cleared(engine)
    container.close()


def url_of(engine: Engine) -> str:
    """The URL of the database."""
    return engine.url.render_as_string(hide_password=False)


def drop(container: Container, *options: str) -> list[str]:
    """Run the command with the ledger's key; answers its lines."""
    settings = container.settings
    environ = {
        "DATABASE_URL": settings.database_url,
        "RISKSENTINEL_HOME": str(settings.risksentinel_home),
        "LEDGER_SIGNING_KEY_FILE": settings.ledger_signing_key_file,
    }
    run = CliRunner(env=environ).invoke(partitions, options, catch_exceptions=False)
    assert run.exit_code == 0
    chained(container)
    return [line for line in run.output.splitlines() if line.startswith("dropped")]


def number_of(engine: Engine, at: datetime) -> int:
    """The entries of this moment."""
    with reading(engine) as connection:
        return len(connection.execute(select(audit_log.c.id).where(audit_log.c.at == at)).all())


@pytest.mark.parametrize("options", [RETAIN, RETAIN_ALL])
def test_a_ledger_of_which_months_were_dropped_has_no_fault(
    container: Container, engine: Engine, options: tuple[str, ...]
) -> None:
    """Retention is a duty: POPIA, section 14."""
    old = number_of(engine, LONG_AGO)

    gone = drop(container, *options)
    verified = verify_ledger(container)()

    assert verified.faults == []
    assert any(line.startswith(f"dropped transactions_{Month.of(LONG_AGO)}") for line in gone)
    left = number_of(engine, LONG_AGO)
    assert verified.dropped == old - left
    assert (left == 0) == (options == RETAIN_ALL)
    assert verified.entries > len(gone)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (delete(audit_log).where(audit_log.c.subject_id == "new-2"), "was removed"),
        (delete(risk_scores).where(risk_scores.c.transaction_id == "new-2"), "new-2 was removed"),
        (
            delete(labels).where(labels.c.transaction_id == "new-1"),
            "new-1.chargeback.1 was removed",
        ),
        (
            update(risk_scores)
            .where(risk_scores.c.transaction_id == "new-1")
            .values(decision="approve"),
            "payment new-1",
        ),
        (
            update(ledger_leaves).where(ledger_leaves.c.sequence == 1).values(leaf_hash=b"x" * 32),
            "one of the entries 0 to",
        ),
        (delete(ledger_leaves).where(ledger_leaves.c.sequence == 1), "leaf 1 of the ledger"),
    ],
)
def test_an_edit_after_months_were_dropped_is_found(
    container: Container, change: Executable, named: str
) -> None:
    """What retention dropped must not cover what an insider removes."""
    drop(container, *RETAIN_ALL)
    before = verify_ledger(container)().faults

    with tampering(container) as connection:
        connection.execute(change)
    found = verify_ledger(container)().faults

    assert before == []
    assert named in found[0].what


def test_months_that_no_entry_drops_are_named(container: Container) -> None:
    """An insider deletes an old month by hand: no entry of the ledger says that it was dropped."""
    with tampering(container) as connection:
        connection.execute(delete(audit_log).where(audit_log.c.at == LONG_AGO))

    found = verify_ledger(container)().faults

    assert found[0].sequence == 0
    assert "was removed" in found[0].what
