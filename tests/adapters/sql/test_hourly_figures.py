"""The figures by the hour are what a scan of the payments would find."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from risksentinel.adapters.sql.count_hours import count_hours
from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.hourly_figures import CENTS
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.tables import hourly_figures
from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.errors import Unavailable
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, alert_of, payment, scored
from tests.strategies import money

Figures = dict[tuple[int, str], tuple[int, int, int]]
_KEY = (hourly_figures.c.hour, hourly_figures.c.figure)
_SUMS = tuple(
    func.sum(hourly_figures.c[name])
    for name in ("counted", "cents_upper", "cents_lower", "score_total")
)

some_scored = st.builds(
    lambda number, amount, minutes, score, level: scored(
        replace(payment(f"tx-{number}", at=NOW - timedelta(minutes=minutes)), amount=amount),
        str(Decimal(score).scaleb(-4)),
        level,
    ),
    st.integers(0, 20),
    money,
    st.integers(0, 300),
    st.integers(0, 10_000),
    st.sampled_from(RiskLevel),
)


def figures(engine: Engine) -> Figures:
    """The sums of all shards: a count, cents, scores x 10,000."""
    with reading(engine) as connection:
        rows = connection.execute(select(*_KEY, *_SUMS).group_by(*_KEY)).all()
    return {
        (hour, figure): (int(items), int(upper) * CENTS + int(lower), int(score))
        for hour, figure, items, upper, lower, score in rows
    }


def counted(engine: Engine) -> Figures:
    """What a scan finds; the figures are as they were afterwards."""
    with writing(engine) as connection:
        kept = [dict(row) for row in connection.execute(select(hourly_figures)).mappings()]
        count_hours(connection)
    found = figures(engine)
    with writing(engine) as connection:
        connection.execute(hourly_figures.delete())
        if kept:
            connection.execute(hourly_figures.insert(), kept)
    return found


def write(engine: Engine, batch: Sequence[Scored], *, waiting: bool = False) -> None:
    """Store scored payments as ScoreTransactions does; some were received before."""
    ledger = SqlLedger(engine)
    if waiting:
        with ledger.unit() as unit:
            unit.receive([each.transaction for each in batch[::2]], NOW)
    with ledger.unit() as unit:
        first = unit.keep(batch)
        mine = {each.transaction.id: each for each in reversed(batch)}
        unit.raise_alerts(
            [alert_of(each) for name, each in mine.items() if name in first and each.verdict.alert]
        )


@EFFORT
@given(batches=st.lists(st.tuples(st.lists(some_scored, max_size=20), st.booleans()), max_size=4))
def test_the_figures_are_what_a_scan_finds(
    database: Engine, batches: list[tuple[list[Scored], bool]]
) -> None:
    """A payment that came twice, waited, or lost a race counts once, with its first verdict."""
    engine = emptied(database)

    for batch, waiting in batches:
        write(engine, batch, waiting=waiting)

    assert figures(engine) == counted(engine)


def test_the_figures_of_writers_at_the_same_time_are_what_a_scan_finds(engine: Engine) -> None:
    """Functions and threads score at once, and a broker delivers to two of them."""
    everything = [
        scored(
            payment(f"tx-{n}", f"acc-{n % 7}", NOW - timedelta(minutes=7 * n)),
            level=list(RiskLevel)[n % 4],
        )
        for n in range(160)
    ]
    orders = [[everything[n * step % 160] for n in range(160)] for step in (1, 3, 7, 9)]
    batches = [
        (start, order[start : start + size])
        for order, size in zip(orders, (1, 3, 20, 40), strict=True)
        for start in range(0, 160, size)
    ]
    ordered = [batch for _, batch in sorted(batches, key=lambda each: each[0])]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda batch: write(engine, batch), ordered))

    found = figures(engine)
    assert found == counted(engine)
    assert sum(sums[0] for (_, figure), sums in found.items() if figure != "alert") == 160


def test_a_unit_that_fails_counts_nothing(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payments that are not stored must not be counted, although their rows were sent."""
    sent: list[Line] = []

    def fail(line: Line) -> None:
        sent.append(line)
        raise Unavailable("database")

    monkeypatch.setattr(Line, "commit", fail)

    with pytest.raises(Unavailable), SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment())])

    assert sent

    assert figures(engine) == {}
