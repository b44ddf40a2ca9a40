"""SqlLedgerRecords: entries of the ledger in pages, and their inclusion proofs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Text, cast, select, type_coerce

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger_log import state_of
from risksentinel.adapters.sql.pages import PageKey
from risksentinel.adapters.sql.tables import audit_log, ledger_leaves, ledger_tiles
from risksentinel.adapters.sql.types import in_microseconds
from risksentinel.domain.ledger_entry import Head, LedgerEntry
from risksentinel.domain.merkle import TILE_HEIGHT, inclusion_proof, node_hash
from risksentinel.errors import Conflict, NotFound
from risksentinel.ports.ledger_log import EntryFilter, Leaf, Proof
from risksentinel.ports.pages import Page

_LONGEST_ID: Final = 18  # digits: the number fits into 64 bits
_ENTRY: Final = select(
    audit_log.c.id,
    audit_log.c.at,
    audit_log.c.actor,
    audit_log.c.action,
    audit_log.c.subject_kind,
    audit_log.c.subject_id,
    type_coerce(cast(audit_log.c.details, Text), Text).label("details"),
    audit_log.c.tag,
)


@dataclass(frozen=True, slots=True)
class SqlLedgerRecords:
    """Meets `ports.LedgerRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def entries(self, which: EntryFilter, after: PageKey | None, most: int) -> Page[LedgerEntry]:
        """Newest first."""
        query = _ENTRY.order_by(audit_log.c.id.desc()).limit(most + 1)
        for column, value in (
            (audit_log.c.subject_id, which.subject),
            (audit_log.c.actor, which.actor),
            (audit_log.c.action, which.action),
        ):
            if value is not None:
                query = query.where(column == value)
        if which.since is not None:
            query = query.where(audit_log.c.at >= which.since)
        if which.until is not None:
            query = query.where(audit_log.c.at < which.until)
        if after is not None:
            query = query.where(audit_log.c.id < _number(after))
        with reading(self.engine) as connection:
            found = [_entry_of(row) for row in connection.execute(query)]
        last = found[most - 1] if len(found) > most else None
        following = None if last is None else (str(in_microseconds(last.at)), str(last.id))
        return Page(found[:most], following)

    def entry(self, entry_id: int) -> LedgerEntry:
        """The entry. Raises NotFound."""
        with reading(self.engine) as connection:
            return _entry(connection, entry_id)

    def proof(self, entry_id: int) -> Proof:
        """The entry with its proof. Raises NotFound, and Conflict before the entry is chained."""
        query = select(ledger_leaves).where(ledger_leaves.c.entry_id == entry_id)
        with reading(self.engine) as connection:
            entry = _entry(connection, entry_id)
            row = connection.execute(query.order_by(ledger_leaves.c.sequence)).first()
            head = state_of(connection).head
            if row is None or row.sequence >= head.size:
                raise Conflict("the entry is not chained yet: retry in some seconds")
            path = inclusion_proof(row.sequence, head.size, partial(node, connection))
        leaf = Leaf(row.sequence, row.entry_id, row.entry_at, row.leaf_hash)
        return Proof(entry, leaf, head, path)

    def head(self) -> Head:
        """The head of all chained entries."""
        with reading(self.engine) as connection:
            return state_of(connection).head


def node(connection: Connection, height: int, number: int) -> bytes:
    """The root of a complete subtree, from the tiles or leaves below it: 128 of them at most."""
    tile_height = height - height % TILE_HEIGHT
    steps = height - tile_height
    hashes = _stored(connection, tile_height, number << steps, (number + 1) << steps)
    while len(hashes) > 1:
        hashes = [node_hash(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def _stored(connection: Connection, height: int, begin: int, end: int) -> list[bytes]:
    leaf, tile = ledger_leaves.c, ledger_tiles.c
    query = (
        select(tile.root).where(tile.height == height, tile.number >= begin, tile.number < end)
        if height
        else select(leaf.leaf_hash).where(leaf.sequence >= begin, leaf.sequence < end)
    )
    order = tile.number if height else leaf.sequence
    found = list(connection.execute(query.order_by(order)).scalars())
    if len(found) != end - begin:
        raise Conflict("the ledger's tree is damaged: run `risksentinel ledger verify`")
    return found


def _entry(connection: Connection, entry_id: int) -> LedgerEntry:
    found = connection.execute(_ENTRY.where(audit_log.c.id == entry_id)).one_or_none()
    if found is None:
        raise NotFound("there is no such entry")
    return _entry_of(found)


def _entry_of(row: Row[Any]) -> LedgerEntry:
    return LedgerEntry(
        row.id,
        row.at,
        row.actor,
        row.action,
        row.subject_kind,
        row.subject_id,
        row.details,
        row.tag,
    )


def _number(after: Sequence[str]) -> int:
    """The id before which a page begins; 0, so an empty page, where the key has no id."""
    last = after[-1]
    if not (last.isascii() and last.isdigit() and len(last) <= _LONGEST_ID):
        return 0
    return int(last)
