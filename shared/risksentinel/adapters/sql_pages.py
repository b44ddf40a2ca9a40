"""page: one page of a list that runs newest first, found by the key of the item before it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Row, Select, literal, tuple_

from risksentinel.adapters.sql_types import Identifier, UtcTime
from risksentinel.errors import Fault, NoCursor
from risksentinel.ports.pages import Page

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class NewestFirst:
    """An order by a time and, within one moment, by id; both columns are of one table."""

    at: Column[Any]
    id: Column[Any]

    def page(
        self,
        connection: Connection,
        query: Select[Any],
        after: tuple[str, ...] | None,
        most: int,
        read: Callable[[Row[Any]], Item],
    ) -> Page[Item]:
        """Read the `most` items of the query that follow the key.

        Raises:
            NoCursor: `after` is no key of such a list.
        """
        if after is not None:
            at, last = _key(after)
            before = tuple_(self.at, self.id) < tuple_(
                literal(at, UtcTime()), literal(last, Identifier)
            )
            query = query.where(before)
        ordered = query.order_by(self.at.desc(), self.id.desc()).limit(most + 1)
        rows = connection.execute(ordered).all()
        following = self._key_of(rows[most - 1]) if len(rows) > most else None
        return Page([read(row) for row in rows[:most]], following)

    def _key_of(self, row: Row[Any]) -> tuple[str, ...]:
        return getattr(row, self.at.name).isoformat(), getattr(row, self.id.name)


def _key(after: tuple[str, ...]) -> tuple[datetime, str]:
    try:
        written, last = after
        at = datetime.fromisoformat(written)
        if at.tzinfo is None or "\0" in last:
            raise ValueError(written)
        return at.astimezone(UTC), last
    except (ValueError, OverflowError) as error:
        raise NoCursor([Fault("cursor", "is no cursor of this list")]) from error
