"""Readiness after a failed write and on a full disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, event, text

from risksentinel.adapters.sql import write_health
from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.write_health import MIN_FREE_BYTES, REMEMBERED_SECONDS, writes_work
from risksentinel.errors import Misconfigured, Unavailable

INSERT = text("INSERT INTO filled VALUES (zeroblob(300000))")


class Usage(NamedTuple):
    """What `shutil.disk_usage` answers."""

    free: int


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An SQLite database that has room for 40 pages."""
    opened = open_engine(f"sqlite:///{tmp_path / 'full.db'}")
    event.listen(opened, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=40"))
    with writing(opened) as connection:
        connection.execute(text("CREATE TABLE filled (bytes BLOB)"))
    yield opened
    opened.dispose()


def test_a_full_database_is_not_ready_until_a_write_succeeds(engine: Engine) -> None:
    """Payments get 503: readiness must not say ok."""
    writes_work(engine)

    with pytest.raises(Unavailable), writing(engine) as connection:
        connection.execute(INSERT)

    with pytest.raises(Misconfigured, match="the last write failed"):
        writes_work(engine)
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM filled"))
    writes_work(engine)


def test_a_failure_is_forgotten_after_a_while(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without readiness there is no traffic, and without traffic no write could succeed."""
    seconds = [100.0]
    monkeypatch.setattr(write_health, "monotonic", lambda: seconds[0])
    write_health.write_failed(engine)

    seconds[0] += REMEMBERED_SECONDS - 1
    with pytest.raises(Misconfigured):
        writes_work(engine)
    seconds[0] += 2
    writes_work(engine)


def test_a_disk_without_room_is_not_ready(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator has to make room before payments are refused."""
    left = Usage(MIN_FREE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)

    with pytest.raises(Misconfigured, match="31 MiB are free on the disk"):
        writes_work(engine)


def test_a_failed_read_is_no_failed_write(engine: Engine) -> None:
    """Only writes tell whether writes work."""
    with pytest.raises(Exception, match="no such table"), reading(engine) as connection:
        connection.execute(text("SELECT * FROM absent"))

    writes_work(engine)
