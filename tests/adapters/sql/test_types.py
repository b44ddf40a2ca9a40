from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Engine, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.types import Exact, UtcTime
from tests.adapters.sql.samples import moments

values = Table(
    "values_of_a_test", MetaData(), Column("at", UtcTime()), Column("amount", Exact(18, 2))
)


@pytest.fixture(scope="module")
def connection(database: Engine) -> Iterator[Connection]:
    """A connection to a database with one table of each type."""
    with writing(database) as connection:
        values.create(connection)
        yield connection
        values.drop(connection)


@settings(deadline=None)  # a disk has its moments
@given(st.lists(moments, max_size=6))
def test_moments_keep_their_order_and_their_microsecond(
    connection: Connection, at: list[datetime]
) -> None:
    """Two zones write one moment in two ways, and a window must not care."""
    connection.execute(values.delete())
    connection.execute(insert(values), [{"at": each, "amount": None} for each in [*at, None]])

    query = select(values.c.at).where(values.c.at.is_not(None)).order_by(values.c.at)
    kept = connection.execute(query).scalars().all()

    assert kept == sorted(at)
    assert all(each is None or each.tzinfo is UTC for each in kept)


@pytest.mark.parametrize("value", [Decimal("0.001"), Decimal("NaN")])
def test_money_is_never_rounded_on_its_way(connection: Connection, value: Decimal) -> None:
    """A cent that is lost in silence is found by an auditor."""
    with pytest.raises((StatementError, ValueError)):
        connection.execute(insert(values), [{"at": None, "amount": value}])


def test_a_time_without_a_zone_is_refused(connection: Connection) -> None:
    """Half past eight in Johannesburg is not half past eight in UTC."""
    with pytest.raises((StatementError, ValueError)):
        connection.execute(insert(values), [{"at": datetime(2026, 5, 1), "amount": None}])  # noqa: DTZ001 - the point
