"""A damaged journal is refused where SQLite would drop committed transactions."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from risksentinel.adapters.sql.journal_damage import refuse_damaged_journal
from risksentinel.errors import Unavailable

COMMITS = 12
PAGE = 512  # small: a journal of few bytes, so that Hypothesis damages each part of it
HEADER, FRAME = 32, 24 + PAGE


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database and its journal, as a crash leaves them: twelve commits.

    The journal begins again after a checkpoint, so that older frames follow the newest.
    """
    folder = tmp_path_factory.mktemp("crashed")
    live, left = folder / "live.db", folder / "left"
    left.mkdir()
    with closing(sqlite3.connect(live, isolation_level=None)) as connection:
        for statement in (
            f"PRAGMA page_size={PAGE}",
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",
            "CREATE TABLE payments (id INTEGER PRIMARY KEY, body TEXT)",
        ):
            connection.execute(statement).fetchall()
        for number in range(1001, 1041):
            connection.execute("INSERT INTO payments VALUES (?, hex(zeroblob(200)))", (number,))
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        for number in range(COMMITS):
            connection.execute("INSERT INTO payments VALUES (?, hex(zeroblob(100)))", (number,))
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", left / f"payments.db{suffix}")
    return left


def _copied(crashed: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(crashed, to)
    return to / "payments.db"


def _recovered(database: Path) -> int:
    """How many of the twelve payments SQLite finds after the crash."""
    with closing(sqlite3.connect(database)) as connection:
        query = "SELECT count(*) FROM payments WHERE id < 1000"
        return int(connection.execute(query).fetchone()[0])


def _is_refused(database: Path) -> bool:
    try:
        refuse_damaged_journal(_url(database))
    except Unavailable:
        return True
    return False


def test_the_journal_of_a_crash_is_whole(crashed: Path, tmp_path: Path) -> None:
    """A kill is no damage: SQLite recovers every commit, and older frames are not counted."""
    database = _copied(crashed, tmp_path / "copy")
    refuse_damaged_journal(_url(database))

    assert _recovered(database) == COMMITS


def test_a_database_without_a_journal_is_whole(tmp_path: Path) -> None:
    """After a clean stop there is none; a new home has no database either."""
    refuse_damaged_journal(_url(tmp_path / "absent.db"))
    (tmp_path / "absent.db-wal").touch()
    refuse_damaged_journal(_url(tmp_path / "absent.db"))


@given(place=st.integers(0, 10**9), flip=st.integers(1, 255), length=st.integers(1, 64))
@example(place=0, flip=1, length=4)
@example(place=HEADER + 8, flip=1, length=8)  # the salts of the first frame
@example(place=HEADER + FRAME + 100, flip=1, length=1)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_damage_drops_commits_in_silence(
    crashed: Path, tmp_path: Path, place: int, flip: int, length: int
) -> None:
    """Either the start is refused, or the damage is at the end, where it looks like a power cut."""
    database = _copied(crashed, tmp_path / "copy")
    journal = database.with_name("payments.db-wal")
    content = bytearray(journal.read_bytes())
    start = place % len(content)
    for at in range(start, min(start + length, len(content))):
        content[at] ^= flip
    journal.write_bytes(content)

    is_refused = _is_refused(database)

    assert journal.read_bytes() == content
    assert is_refused or _recovered(database) >= COMMITS - 2


@given(st.integers(0, 10**9))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_transaction_that_a_power_cut_tore_is_no_damage(
    crashed: Path, tmp_path: Path, cut: int
) -> None:
    """It was not answered: SQLite drops it, and the engine must start by itself."""
    database = _copied(crashed, tmp_path / "copy")
    journal = database.with_name("payments.db-wal")
    content = journal.read_bytes()
    journal.write_bytes(content[: cut % (len(content) + 1)])

    refuse_damaged_journal(_url(database))
