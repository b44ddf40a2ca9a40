import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from sqlite3 import connect
from threading import Barrier
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.stored_json import dumps
from risksentinel.errors import Misconfigured, Unavailable


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a SQLite database will be."""
    return tmp_path / "made" / "on the way" / "risk.db"


def opened(file: Path) -> Engine:
    """An engine for the file."""
    return open_engine(f"sqlite:///{file}")


def test_sqlite_is_set_up_to_survive_a_power_cut(file: Path) -> None:
    """A payment that was accepted must be there after the lights come back."""
    engine = opened(file)

    with reading(engine) as connection:
        found = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    engine.dispose()
    assert found == ["wal", 2, 1, 5000]


def test_a_database_that_another_process_holds_is_unavailable(file: Path) -> None:
    """The caller can retry, so the error must be Unavailable."""
    engine = opened(file)
    with reading(engine) as connection:
        connection.execute(text("PRAGMA busy_timeout=1"))
    other = connect(str(file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable), writing(engine):
        pass

    other.close()
    with writing(engine):
        pass
    engine.dispose()


def test_a_new_file_takes_its_first_writers_at_the_same_time(tmp_path: Path) -> None:
    """Five functions that start together make the file; SQLite refuses all but one at first."""
    starts = Barrier(6)

    def write(number: int) -> None:
        engine = opened(tmp_path / f"{number}.db")
        starts.wait()
        with writing(engine):
            pass
        engine.dispose()

    for number in range(30):
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(write, [number] * 6))


def test_readers_continue_during_a_write(file: Path) -> None:
    """A dashboard must not hold up a payment, nor the other way round."""
    engine = opened(file)
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE a (b)"))

    with writing(engine) as writer:
        writer.execute(text("INSERT INTO a VALUES (1)"))
        with reading(engine) as reader:
            seen = reader.execute(text("SELECT count(*) FROM a")).scalar()

    engine.dispose()
    assert seen == 0


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    """A disk that is unavailable may come back."""
    engine = opened(tmp_path)

    with pytest.raises(Unavailable), reading(engine):
        pass

    engine.dispose()


def test_a_wrong_statement_stays_a_bug(file: Path) -> None:
    """Endless retries would hide the bug."""
    engine = opened(file)

    with pytest.raises(OperationalError), reading(engine) as connection:
        connection.execute(text("SELECT * FROM nowhere"))

    engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "risk.db",
        "mysql://db/risk",
        "nothing://db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////dev/null/folder/risk.db",
    ],
)
def test_an_address_that_cannot_work_is_refused_at_the_start(url: str) -> None:
    """The operator must see the error at the start, not at the first payment."""
    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        open_engine(url)


def test_a_password_is_never_repeated() -> None:
    """An error is logged, and a log is read by many."""
    with pytest.raises(Misconfigured) as caught:
        open_engine("mysql://risk:hush@db/risk")

    assert "hush" not in str(caught.value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_is_written_exactly(value: Decimal) -> None:
    """An explanation must add up to the last digit."""
    assert Decimal(json.loads(dumps({"a": value}))["a"]) == value


def test_json_is_compact_and_takes_any_mapping() -> None:
    """The receipt of each payment is stored for years."""
    assert dumps({"a": [1, 0.5, None], "b": MappingProxyType({"c": "é"})}) == (
        '{"a":[1,0.5,null],"b":{"c":"\\u00e9"}}'
    )


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_what_is_no_json_is_a_bug(value: object) -> None:
    """What is written must be read again, by any database."""
    with pytest.raises((TypeError, ValueError)):
        dumps(value)
