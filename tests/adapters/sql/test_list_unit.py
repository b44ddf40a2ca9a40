from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from sqlalchemy import Engine, func, select

from risksentinel.adapters.sql import list_unit
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.adapters.sql.tables import audit_log, list_entries
from risksentinel.domain.named_list import EntryDraft
from risksentinel.errors import Conflict
from risksentinel.usecases.write_list import WriteList
from tests.adapters.sql.samples import NOW


@pytest.fixture
def write(engine: Engine) -> WriteList:
    """The use case, with a list of mules."""
    ids = map(str, count())
    write = WriteList(SqlListLedger(engine), lambda: NOW, ids.__next__)
    write.create("mule", "", "test")
    return write


def rows(engine: Engine) -> int:
    """How many entries there are, of any list."""
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(list_entries)).scalar_one()


def test_writers_at_once_lose_nothing_and_count_right(engine: Engine, write: WriteList) -> None:
    """Two investigators import at the same time, partly the same accounts."""
    batches = [[EntryDraft(f"acc-{n}") for n in range(i, i + 30)] for i in range(0, 80, 10)]

    with ThreadPoolExecutor(4) as pool:
        changed = list(pool.map(lambda some: write.put_many("mule", some, "test"), batches))

    named = SqlListRecords(engine).named("mule")
    assert sum(each.added for each in changed) == named.size == rows(engine) == 100
    assert sum(each.replaced for each in changed) == 8 * 30 - 100


def test_many_steps_are_one_commit(
    engine: Engine, write: WriteList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list that would be too long is refused as a whole, at its last entry too."""
    monkeypatch.setattr(list_unit, "STEP", 3)
    monkeypatch.setattr(list_unit, "MAX_ENTRIES", 10)
    write.put_many("mule", [EntryDraft(f"a{n}") for n in range(8)], "test")

    replaced = write.put_many("mule", [EntryDraft(f"A{n}") for n in range(10)], "test")
    with pytest.raises(Conflict, match="at most 10 entries"):
        write.put_many("mule", [EntryDraft(f"a{n}") for n in range(11)], "test")

    assert (replaced.added, replaced.replaced) == (2, 8)
    assert SqlListRecords(engine).named("mule").size == rows(engine) == 10
    with reading(engine) as connection:
        assert len(connection.execute(audit_log.select()).all()) == 3


def test_a_deleted_list_takes_its_entries_along_and_no_others(
    engine: Engine, write: WriteList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In small steps, as a million rows in one would hold up everybody else."""
    monkeypatch.setattr(list_unit, "STEP", 3)
    write.create("vip", "", "test")
    write.put_many("mule", [EntryDraft(f"a{n}") for n in range(7)], "test")
    write.put_many("vip", [EntryDraft("a1")], "test")

    write.delete("mule", "test")

    assert rows(engine) == SqlListRecords(engine).named("vip").size == 1
