"""Figures of rules of past days take few rows, and say the same."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from risksentinel.adapters.sql.engine import open_engine, reading, writing
from risksentinel.adapters.sql.old_rule_figures import KEPT_DAYS, fold_rule_figures
from risksentinel.adapters.sql.tables import rule_figures
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied

TODAY = 20_000
_KEY = (rule_figures.c.day, rule_figures.c.rule_set)
_SUMS = (func.sum(rule_figures.c.payments), func.sum(rule_figures.c.alerts))

some_rows = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(TODAY - KEPT_DAYS - 2, TODAY),
            "rule_set": st.sampled_from(["", "a"]),
            "shard": st.integers(0, 31),
            "rules": st.just("r-1"),
            "payments": st.integers(1, 2**40),
            "alerts": st.integers(0, 2**40),
        }
    ),
    unique_by=lambda row: (row["day"], row["rule_set"], row["shard"]),
    max_size=20,
)


@pytest.fixture
def on_postgresql(postgresql_url: str) -> Iterator[Engine]:
    """An engine on an empty database of PostgreSQL."""
    engine = open_engine(postgresql_url)
    yield emptied(engine)
    engine.dispose()


def sums(engine: Engine) -> dict[tuple[int, str], tuple[int, int]]:
    """By day and set."""
    query = select(*_KEY, *_SUMS).where(rule_figures.c.day > TODAY - KEPT_DAYS).group_by(*_KEY)
    with reading(engine) as connection:
        return {
            (day, rule_set): (int(payments), int(alerts))
            for day, rule_set, payments, alerts in connection.execute(query)
        }


@EFFORT
@given(rows=some_rows)
def test_the_sums_of_each_day_stay(database: Engine, rows: list[dict[str, int]]) -> None:
    """Whatever is folded, the performance of rules is the same; what is not read goes."""
    engine = emptied(database)
    with writing(engine) as connection:
        if rows:
            connection.execute(rule_figures.insert(), rows)
    before = sums(engine)

    _, deleted = fold_rule_figures(engine, TODAY)

    assert sums(engine) == before
    assert deleted == sum(row["day"] <= TODAY - KEPT_DAYS for row in rows)
    with reading(engine) as connection:
        oldest = connection.execute(select(func.min(rule_figures.c.day))).scalar_one()
    assert oldest is None or oldest > TODAY - KEPT_DAYS
    assert fold_rule_figures(engine, TODAY) == (0, 0)


def test_shards_of_a_past_day_become_one_row(on_postgresql: Engine) -> None:
    """A day has a row for each set of rules, not 32. SQLite has no shards."""
    engine = on_postgresql
    row = {"rule_set": "a", "rules": "r-1", "payments": 2, "alerts": 1}
    days = ((TODAY - 7, 1), (TODAY - 7, 2), (TODAY - 7, 0), (TODAY - 6, 1), (TODAY - 6, 2))
    with writing(engine) as connection:
        connection.execute(
            rule_figures.insert(), [{**row, "day": day, "shard": shard} for day, shard in days]
        )

    assert fold_rule_figures(engine, TODAY) == (2, 0)

    with reading(engine) as connection:
        found = connection.execute(
            select(rule_figures.c.day, rule_figures.c.shard, rule_figures.c.payments).order_by(
                rule_figures.c.day, rule_figures.c.shard
            )
        ).all()
    assert [tuple(each) for each in found] == [
        (TODAY - 7, 0, 6),
        (TODAY - 6, 1, 2),
        (TODAY - 6, 2, 2),
    ]
