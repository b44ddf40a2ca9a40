"""What a scoring process reads of lists: their revision, their digests, and single entries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Engine, literal, or_, select, tuple_

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.list_rows import ENTRIES, LISTS, entry_of, list_of
from risksentinel.adapters.sql.tables import list_book, list_entries, lists
from risksentinel.adapters.sql.types import Number
from risksentinel.domain.named_list import Entry, NamedList

PAGE: Final = 20_000  # digests of one query: other threads run between queries
_REVISION: Final = select(list_book.c.revision)


@dataclass(frozen=True, slots=True)
class ListBookState:
    """The lists of some names at one revision of the book; names without a list are left out."""

    revision: int
    asked: frozenset[str]
    lists: Mapping[str, NamedList]


def list_book_state(
    engine: Engine, names: frozenset[str], before: ListBookState | None
) -> ListBookState:
    """The current state of the lists; `before` itself where nothing changed. Raises Unavailable."""
    with reading(engine) as connection:
        revision = connection.execute(_REVISION).scalar_one()
        if before is not None and before.revision == revision and before.asked == names:
            return before
        rows = connection.execute(LISTS.where(lists.c.name.in_(sorted(names)))).all()
    found = map(list_of, rows)
    return ListBookState(revision, names, {each.name: each for each in found})


def digests_since(engine: Engine, list_id: str, revision: int) -> Iterator[Sequence[int]]:
    """The digests of entries written after the revision, page by page. Raises Unavailable.

    An entry that is written again meanwhile only moves to a later page.
    """
    at, digest = list_entries.c.revision, list_entries.c.digest
    query = select(at, digest).where(list_entries.c.list_id == list_id)
    begin: ColumnElement[bool] = at > revision
    while True:
        with looking(engine) as connection:
            rows = connection.execute(query.where(begin).order_by(at, digest).limit(PAGE)).all()
        yield [row.digest for row in rows]
        if len(rows) < PAGE:
            return
        last = literal(rows[-1].revision, Number), literal(rows[-1].digest, BigInteger)
        begin = tuple_(at, digest) > tuple_(*last)


def entries_among(
    engine: Engine, wanted: Collection[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], Entry]:
    """The entries in force with these list ids and folded values. Raises Unavailable."""
    ids = sorted({list_id for list_id, _ in wanted})
    texts = sorted({folded for _, folded in wanted})
    counts = or_(list_entries.c.expires_at.is_(None), list_entries.c.expires_at > now)
    query = ENTRIES.where(list_entries.c.list_id.in_(ids), counts)
    found = {}
    with looking(engine) as connection:
        for part in chunks(texts):
            here = query.where(among(connection, list_entries.c.folded, part))
            found.update(
                {(row.list_id, row.folded): entry_of(row) for row in connection.execute(here)}
            )
    return found
