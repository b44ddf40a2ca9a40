"""NewestFirst, SoonestFirst: pages of a list in a fixed order, by the key of the item before."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Column, Connection, Date, Row, Select, literal, tuple_

from risksentinel.adapters.sql.types import Identifier, UtcTime
from risksentinel.errors import NoCursor, Violation
from risksentinel.ports.pages import Page

Item = TypeVar("Item")
PageKey = tuple[str, ...]
# A page is read in the order of an index until it is full, with a plan for its own values. A
# planner that expects few rows reads and sorts all of them instead, which is slow if its statistics
# miss a sender of many payments. A plan for any values would serve frequent and rare ones alike.
_IN_ORDER_OF_AN_INDEX: Final = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_incremental_sort = off; "
    "SET LOCAL plan_cache_mode = force_custom_plan"
)
_YEAR_1: Final = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class NewestFirst:
    """Descending order by a time, then by id; both columns are of one table."""

    at: Column[Any]
    id: Column[Any]

    def page(
        self,
        connection: Connection,
        query: Select[Any],
        after: PageKey | None,
        most: int,
        read: Callable[[Row[Any]], Item],
        until: datetime | None = None,
    ) -> Page[Item]:
        """Read the `most` items of the query before `until` that follow the key.

        Raises:
            NoCursor: `after` is not a key of this list.
        """
        at, last = (None, "") if after is None else _key(after, _moment)
        # One limit implies the other. With both, SQLite reads all rows between them.
        if at is not None and (until is None or at < until):
            key = tuple_(literal(at, UtcTime()), literal(last, Identifier))
            query = query.where(tuple_(self.at, self.id) < key)
        elif until is not None:
            query = query.where(self.at < until)
        in_order_of_an_index(connection)
        ordered = query.order_by(self.at.desc(), self.id.desc())
        return _page(connection, ordered, most, read, (self.at.name, self.id.name))


@dataclass(frozen=True, slots=True)
class SoonestFirst:
    """Ascending order by a date, then by id; both columns are of one table.

    `few` says that the query has a few rows, which are read by another index and sorted.
    """

    on: Column[Any]
    id: Column[Any]
    few: bool = False

    def page(
        self,
        connection: Connection,
        query: Select[Any],
        after: PageKey | None,
        most: int,
        read: Callable[[Row[Any]], Item],
        since: date | None = None,
    ) -> Page[Item]:
        """Read the `most` items of the query from the day `since` on that follow the key.

        Raises:
            NoCursor: `after` is not a key of this list.
        """
        on, last = (None, "") if after is None else _key(after, _day)
        if on is not None and (since is None or on >= since):  # one limit, as above
            key = tuple_(literal(on, Date()), literal(last, Identifier))
            query = query.where(tuple_(self.on, self.id) > key)
        elif since is not None:
            query = query.where(self.on >= since)
        if not self.few:
            in_order_of_an_index(connection)
        ordered = query.order_by(self.on, self.id)
        return _page(connection, ordered, most, read, (self.on.name, self.id.name))


Time = TypeVar("Time", datetime, date)


def moment_key(at: date, last: str) -> PageKey:
    """The key of an item: its time, or the start of its day, in microseconds since the year 1."""
    moment = at if isinstance(at, datetime) else datetime.combine(at, time(), UTC)
    return str((moment - _YEAR_1) // _MICROSECOND), last


def in_order_of_an_index(connection: Connection) -> None:
    """Make PostgreSQL read the following queries of the transaction in the order of an index."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_IN_ORDER_OF_AN_INDEX)


def _page(
    connection: Connection,
    ordered: Select[Any],
    most: int,
    read: Callable[[Row[Any]], Item],
    key: tuple[str, str],
) -> Page[Item]:
    rows = connection.execute(ordered.limit(most + 1)).all()
    following = None
    if len(rows) > most:
        last = rows[most - 1]
        following = moment_key(getattr(last, key[0]), getattr(last, key[1]))
    return Page([read(row) for row in rows[:most]], following)


def _key(after: PageKey, parse: Callable[[str], Time]) -> tuple[Time, str]:
    try:
        written, last = after
        if "\0" in last:
            raise ValueError(last)
        return parse(written), last
    except (ValueError, OverflowError) as error:
        raise NoCursor([Violation("cursor", "is not a cursor of this list")]) from error


def _moment(written: str) -> datetime:
    return _YEAR_1 + int(written) * _MICROSECOND


def _day(written: str) -> date:
    return _moment(written).date()
