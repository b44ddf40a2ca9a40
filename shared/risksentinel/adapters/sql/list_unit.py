"""SqlListUnit: one database transaction that writes lists; one writer at a time."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, select, true, update

from risksentinel.adapters.sql.chunks import among, chunks
from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.list_rows import (
    ENTRIES,
    LISTS,
    entry_of,
    entry_row,
    list_of,
    list_row,
)
from risksentinel.adapters.sql.list_upsert import upsert
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.tables import (
    account_keys,
    fraud_rules,
    list_book,
    list_entries,
    lists,
)
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.account_digest import KEY_BYTES, account_digest
from risksentinel.domain.named_list import (
    MAX_ENTRIES,
    MAX_LISTS,
    Entry,
    EntryDraft,
    NamedList,
    fold,
)
from risksentinel.errors import Conflict, NotFound, Violation
from risksentinel.ports.ledger import AuditEntry, Origin
from risksentinel.ports.lists import Changed
from risksentinel.rules.rule import Rule

STEP: Final = 10_000  # entries of one statement: it ends within the statement timeout
_NEXT_REVISION: Final = (
    update(list_book).values(revision=list_book.c.revision + 1).returning(list_book.c.revision)
)
_OF_NO_LIST: Final = (
    select(list_entries.c.list_id)
    .distinct()
    .where(list_entries.c.list_id.not_in(select(lists.c.id)))
)


@dataclass(frozen=True, slots=True)
class SqlListUnit:
    """Meets `ports.ListUnit`; `SqlListLedger.unit` opens and ends the transaction."""

    connection: Connection
    revision: int
    rest: SqlUnit

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""
        row = self.connection.execute(LISTS.where(lists.c.name == name)).one_or_none()
        if row is None:
            raise NotFound("there is no such list")
        return list_of(row)

    def create(self, new: NamedList) -> NamedList:
        """Store a new list. Raises Conflict where a list has the name, or MAX_LISTS exist."""
        kept = {**list_row(new), "revision": self.revision}
        if not insert_new(self.connection, lists, [kept]):
            raise Conflict([Violation("name", "another list has this name")])
        if (
            self.connection.execute(select(func.count()).select_from(lists)).scalar_one()
            > MAX_LISTS
        ):
            raise Conflict(f"there are {MAX_LISTS} lists already: delete one first")
        return self.named(new.name)

    def entry(self, of: NamedList, value: str) -> Entry | None:
        """The entry of this value in any spelling; None where the list has none."""
        query = ENTRIES.where(list_entries.c.list_id == of.id, list_entries.c.folded == fold(value))
        row = self.connection.execute(query).one_or_none()
        return None if row is None else entry_of(row)

    def put(
        self, into: NamedList, drafts: Iterable[EntryDraft], author: str, at: datetime
    ) -> Changed:
        """Add or replace entries; no two have the same value.

        Raises:
            Conflict: the list would have more than MAX_ENTRIES.
        """
        added = replaced = 0
        for some in _steps(drafts):
            rows = [entry_row(draft, into.id, author, at, self.revision) for draft in some]
            known = self._known(into.id, [row["folded"] for row in rows])
            added, replaced = added + len(rows) - known, replaced + known
            if into.size + added > MAX_ENTRIES:
                raise Conflict(f"a list has at most {MAX_ENTRIES} entries")
            upsert(self.connection, rows)
        self._change(into, added)
        return Changed(added, replaced)

    def remove(self, of: NamedList, value: str) -> None:
        """Remove the entry of this value from the list. Raises NotFound."""
        gone = delete(list_entries).where(
            list_entries.c.list_id == of.id, list_entries.c.folded == fold(value)
        )
        if self.connection.execute(gone).rowcount != 1:
            raise NotFound("the list has no such entry")
        self._change(of, -1)

    def drop(self, named: NamedList) -> None:
        """Delete the list; `SqlListLedger.sweep` deletes its entries."""
        self.connection.execute(delete(lists).where(lists.c.id == named.id))

    def active_rules(self) -> Sequence[Rule]:
        """The rules in force that can be read."""
        query = select(fraud_rules).where(fraud_rules.c.active == true())
        read = [rule_of(row) for row in self.connection.execute(query).all()]
        return [rule for rule in read if isinstance(rule, Rule)]

    def digest(self, value: str) -> str:
        """The keyed digest that names the value in audit entries."""
        folded = fold(value)
        new = {"value": folded, "key": secrets.token_bytes(KEY_BYTES)}
        insert_new(self.connection, account_keys, [new])
        query = select(account_keys.c.key).where(account_keys.c.value == folded)
        return account_digest(self.connection.execute(query).scalar_one(), folded)

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rest.audit(entries)

    def _known(self, list_id: str, folded: Sequence[str]) -> int:
        count = select(func.count()).where(list_entries.c.list_id == list_id)
        parts = [folded] if self.connection.dialect.name == "postgresql" else chunks(folded)
        return sum(
            self.connection.execute(
                count.where(among(self.connection, list_entries.c.folded, part))
            ).scalar_one()
            for part in parts
        )

    def _change(self, named: NamedList, more: int) -> None:
        change = update(lists).where(lists.c.id == named.id)
        self.connection.execute(change.values(size=lists.c.size + more, revision=self.revision))


def list_unit(unit: SqlUnit) -> SqlListUnit:
    """The part of the unit that writes lists; it waits for other writers of lists."""
    # The lock of this row orders writers, so that revisions become visible in order.
    session = unit.line.session
    return SqlListUnit(session, session.execute(_NEXT_REVISION).scalar_one(), unit)


@dataclass(frozen=True, slots=True)
class SqlListLedger:
    """Meets `ports.ListLedger` on SQLite and PostgreSQL."""

    engine: Engine
    origin: Origin | None = None  # added to the details of each audit entry

    @contextmanager
    def unit(self) -> Iterator[SqlListUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing_line(self.engine) as line:
            unit = SqlUnit(line, origin=self.origin)
            yield list_unit(unit)
            unit.commit()

    def sweep(self) -> None:
        """Delete the entries of deleted lists, in small transactions."""
        with reading(self.engine) as connection:
            left = connection.execute(_OF_NO_LIST).scalars().all()
        for list_id in left:
            while self._delete_some(list_id) == STEP:
                pass

    def _delete_some(self, list_id: str) -> int:
        mine = list_entries.c.list_id == list_id
        some = select(list_entries.c.folded).where(mine).limit(STEP)
        with writing(self.engine) as connection:
            gone = delete(list_entries).where(mine, list_entries.c.folded.in_(some))
            return connection.execute(gone).rowcount


def _steps(drafts: Iterable[EntryDraft]) -> Iterator[Sequence[EntryDraft]]:
    rest = iter(drafts)
    while some := list(islice(rest, STEP)):
        yield some
