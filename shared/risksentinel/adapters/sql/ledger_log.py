"""SqlLedgerLog: chains the audit log in the order of the commits of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, func, select, update

from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.entry_rows import columns, entry_of, is_postgresql, rows, time_of
from risksentinel.adapters.sql.insert import insert_all, insert_new
from risksentinel.adapters.sql.tables import (
    ledger_heads,
    ledger_leaves,
    ledger_state,
    ledger_tiles,
)
from risksentinel.domain.ledger_entry import Head
from risksentinel.ports.ledger_log import Appended, ChainState, Pending, Place

_LOCK: Final = 0x1ED6E4  # PostgreSQL's advisory lock of the process that appends
_XMIN: Final = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_ANY: Final = str(2**63 - 1)
# Rows of the previous release, whose transaction is not known.
_UNNUMBERED: Final = "WHERE committed_in IS NULL AND id > ? ORDER BY id"
# Every transaction below the oldest one that runs has ended: no row can appear before these.
_NUMBERED: Final = (
    "WHERE (committed_in, id) > (?, ?) AND committed_in < {below} ORDER BY committed_in, id"
)
# A database that was restored on another server counts its transactions from a lower number.
_RESTORED: Final = (
    "WHERE id > (SELECT max(entry_id) FROM ledger_leaves) "
    "AND committed_in < {below} ORDER BY committed_in, id"
)
_IN_ORDER_OF_ID: Final = "WHERE id > ? ORDER BY id"  # SQLite has one writer at a time


@dataclass(frozen=True, slots=True)
class SqlLedgerLog:
    """Meets `ports.LedgerLog` on SQLite and PostgreSQL."""

    engine: Engine

    def pending(self, most: int) -> Pending:
        """The next entries to chain; every earlier transaction has ended."""
        with reading(self.engine) as connection:
            state = state_of(connection)
            found = _pending(connection, state.last, most)
        return Pending(state, [(row[8], entry_of(row)) for row in found])

    def append(self, before: ChainState, new: Appended) -> bool:
        """Store all of it; False where another process has appended since `before` was read."""
        with writing_line(self.engine) as line:
            if line.is_postgresql:
                lock = select(func.pg_try_advisory_xact_lock(_LOCK))
                if not line.session.execute(lock).scalar_one():
                    return False
            if line.session.execute(_advanced(before, new.state)).rowcount != 1:
                return False
            leaves = [
                {
                    "sequence": leaf.sequence,
                    "entry_id": leaf.entry_id,
                    "entry_at": leaf.entry_at,
                    "leaf_hash": leaf.leaf_hash,
                }
                for leaf in new.leaves
            ]
            tiles = [{"height": h, "number": n, "root": root} for h, n, root in new.tiles]
            insert_all(line, [(ledger_leaves, leaves), (ledger_tiles, tiles)])
        return True

    def head(self) -> Head:
        """The head of all chained entries."""
        with reading(self.engine) as connection:
            return state_of(connection).head

    def anchored(self) -> Head | None:
        """The newest stored head; None without one."""
        query = select(ledger_heads).order_by(ledger_heads.c.size.desc()).limit(1)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else head_of(row)

    def keep(self, head: Head) -> None:
        """Store a head permanently; a head of the same size stays."""
        row = {"size": head.size, "root": head.root, "at": head.at, "signature": head.signature}
        with writing(self.engine) as connection:
            insert_new(connection, ledger_heads, [row])

    def lag(self) -> datetime | None:
        """The time of the oldest entry without a leaf; None without one.

        Also of an entry that an open transaction keeps from being chained.
        """
        with reading(self.engine) as connection:
            found = _pending(connection, state_of(connection).last, 1, below=_ANY)
        return time_of(found[0][1]) if found else None


def state_of(connection: Connection) -> ChainState:
    """The stored state."""
    row = connection.execute(select(ledger_state)).one()
    return ChainState(head_of(row), row.frontier, Place(row.last_commit, row.last_entry))


def head_of(row: Row[Any]) -> Head:
    """The head in a row of `ledger_heads` or `ledger_state`."""
    return Head(row.size, row.root, row.at, row.signature)


def _advanced(before: ChainState, after: ChainState) -> Any:  # noqa: ANN401 - SQLAlchemy's
    return (
        update(ledger_state)
        .where(ledger_state.c.size == before.head.size)
        .values(
            size=after.head.size,
            frontier=after.frontier,
            last_commit=after.last.commit,
            last_entry=after.last.entry,
            root=after.head.root,
            at=after.head.at,
            signature=after.head.signature,
        )
    )


def _pending(connection: Connection, last: Place, most: int, below: str = _XMIN) -> Sequence[Any]:
    query = f"SELECT {columns(connection)}, committed_in FROM audit_log "  # noqa: S608 - ours
    limit = f" LIMIT {most}"
    if not is_postgresql(connection):
        return rows(connection, query + _IN_ORDER_OF_ID + limit, last.entry)
    numbered = query + _NUMBERED.format(below=below) + limit
    if last.commit is None:
        first = rows(connection, query + _UNNUMBERED + limit, last.entry)
        return first or rows(connection, numbered, 0, 0)
    if rows(connection, f"SELECT {_XMIN} <= ?", last.commit)[0][0]:
        return rows(connection, query + _RESTORED.format(below=below) + limit)
    return rows(connection, numbered, last.commit, last.entry)
