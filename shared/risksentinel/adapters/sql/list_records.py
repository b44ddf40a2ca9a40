"""SqlListRecords: all lists, and the entries of one list in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.list_rows import ENTRIES, LISTS, entry_of, list_of
from risksentinel.adapters.sql.tables import list_entries, lists
from risksentinel.domain.named_list import Entry, NamedList, fold
from risksentinel.errors import NoCursor, NotFound, Violation
from risksentinel.ports.pages import Page


@dataclass(frozen=True, slots=True)
class SqlListRecords:
    """Meets `ports.ListRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def lists(self) -> Sequence[NamedList]:
        """All lists, by name."""
        with reading(self.engine) as connection:
            return [list_of(row) for row in connection.execute(LISTS.order_by(lists.c.name))]

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""
        with reading(self.engine) as connection:
            row = connection.execute(LISTS.where(lists.c.name == name)).one_or_none()
        if row is None:
            raise NotFound("there is no such list")
        return list_of(row)

    def entries(
        self, of: NamedList, after: tuple[str, ...] | None, most: int, *, value: str | None = None
    ) -> Page[Entry]:
        """Entries ordered by folded value; with `value` only the entry of that value.

        Raises:
            NoCursor: `after` is no key of such a list.
        """
        query = ENTRIES.where(list_entries.c.list_id == of.id)
        if value is not None:
            query = query.where(list_entries.c.folded == fold(value))
        if after is not None:
            query = query.where(list_entries.c.folded > _key(after))
        with reading(self.engine) as connection:
            ordered = query.order_by(list_entries.c.folded).limit(most + 1)
            rows = connection.execute(ordered).all()
        following = (rows[most - 1].folded,) if len(rows) > most else None
        return Page([entry_of(row) for row in rows[:most]], following)


def _key(after: tuple[str, ...]) -> str:
    if len(after) != 1 or "\0" in after[0]:
        raise NoCursor([Violation("cursor", "is not a cursor of this list")])
    return after[0]
