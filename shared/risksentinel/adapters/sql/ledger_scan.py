"""SqlLedgerScan: what a verification of the ledger reads, through the driver."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, select

from risksentinel.adapters.sql.commitments import commitment
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.entry_rows import (
    among,
    columns,
    entry_of,
    is_postgresql,
    rows,
    stored_time,
    time_of,
)
from risksentinel.adapters.sql.entry_tags import EntryTags, tags_of
from risksentinel.adapters.sql.ledger_log import head_of, state_of
from risksentinel.adapters.sql.tables import (
    alerts,
    fraud_rule_versions,
    fraud_rules,
    labels,
    ledger_heads,
    ledger_tiles,
    statutory_reports,
)
from risksentinel.adapters.sql.verdict_values import stored_verdicts, verdict_values
from risksentinel.domain.ledger_entry import Head, LedgerEntry
from risksentinel.domain.merkle import Tile
from risksentinel.ports.ledger_log import ChainState, Leaf
from risksentinel.ports.ledger_scan import (
    ScannedCase,
    ScannedLabel,
    ScannedRule,
    ScannedVerdict,
)

_MOST: Final = 100  # unexplained rows that are named
_HASHES: Final = (
    "SELECT sequence, leaf_hash FROM ledger_leaves WHERE sequence >= ? ORDER BY sequence LIMIT ?"
)
_LEAVES: Final = (
    "SELECT sequence, entry_id, entry_at, leaf_hash FROM ledger_leaves"
    " WHERE sequence >= ? AND sequence < ? ORDER BY sequence"
)
_WITHOUT_LEAF: Final = "NOT EXISTS (SELECT 1 FROM ledger_leaves WHERE entry_id = audit_log.id)"
_UNEXPLAINED: Final = f"""
SELECT transaction_id, scored_at FROM risk_scores WHERE NOT EXISTS (
    SELECT 1 FROM audit_log WHERE subject_id = transaction_id AND action = 'transaction.scored'
) LIMIT {_MOST}
"""  # noqa: S608 - of constants
_REPEATED: Final = f"""
SELECT max(id) FROM audit_log WHERE tag IS NOT NULL GROUP BY at, tag HAVING count(*) > 1
UNION ALL SELECT entry_id FROM ledger_leaves GROUP BY entry_id HAVING count(*) > 1
ORDER BY 1 LIMIT {_MOST}
"""  # noqa: S608 - of constants
_CASES: Final = {
    "alert": (alerts, ("status", "assignee", "disposition", "note")),
    "report": (statutory_reports, ("status", "reference", "note")),
}


@dataclass(frozen=True, slots=True)
class SqlLedgerScan:
    """Meets `ports.LedgerScan`; `scan_ledger` opens it."""

    connection: Connection
    tags: EntryTags | None

    def state(self) -> ChainState:
        """The state of the chain."""
        return state_of(self.connection)

    def leaf_hashes(self, begin: int, most: int) -> Sequence[tuple[int, bytes]]:
        """Sequences and hashes in order, from the first whose sequence is `begin` or more."""
        return rows(self.connection, _HASHES, begin, most)

    def leaves(self, begin: int, end: int) -> Sequence[Leaf]:
        """The leaves from sequence `begin` to before `end`, in order."""
        found = rows(self.connection, _LEAVES, begin, end)
        return [Leaf(row[0], row[1], time_of(row[2]), bytes(row[3])) for row in found]

    def first_since(self, at: datetime) -> int:
        """The sequence of the first leaf of an entry at or after the moment."""
        query = "SELECT coalesce(min(sequence), ?) FROM ledger_leaves WHERE entry_at >= ?"
        moment = stored_time(self.connection, at)
        first: int = rows(self.connection, query, self.state().head.size, moment)[0][0]
        return first

    def entries(self, leaves: Sequence[Leaf]) -> Mapping[int, LedgerEntry]:
        """The entries of these leaves, by id."""
        if not leaves:
            return {}
        condition, ids = among(self.connection, "id", [leaf.entry_id for leaf in leaves])
        # Most are in one month, and a month is a partition. An entry whose time was changed may not
        # be found in it.
        times = [leaf.entry_at for leaf in leaves]
        limits = [stored_time(self.connection, at) for at in (min(times), max(times))]
        mine = self._entries(f"{condition} AND at BETWEEN ? AND ?", ids, *limits)
        found = {entry.id: entry for entry in mine}
        missing = [leaf.entry_id for leaf in leaves if leaf.entry_id not in found]
        if missing:
            condition, ids = among(self.connection, "id", missing)
            found |= {entry.id: entry for entry in self._entries(condition, ids)}
        return found

    def unchained(self) -> Sequence[LedgerEntry]:
        """Entries without a leaf although later entries have one."""
        last = self.state().last
        passed: str = "id <= ?"
        values: list[object] = [last.entry]
        if is_postgresql(self.connection) and last.commit is not None:
            passed, values = (
                "(committed_in IS NULL OR (committed_in, id) <= (?, ?))",
                [
                    last.commit,
                    last.entry,
                ],
            )
        elif is_postgresql(self.connection):
            passed = "committed_in IS NULL AND id <= ?"
        return self._entries(f"{passed} AND {_WITHOUT_LEAF} ORDER BY id LIMIT {_MOST}", *values)

    def pending(self, after: int, most: int) -> Sequence[LedgerEntry]:
        """Entries without a leaf whose id is above `after`, in the order of their ids."""
        return self._entries(f"{_WITHOUT_LEAF} AND id > ? ORDER BY id LIMIT {most}", after)

    def repeated(self) -> Sequence[int]:
        """Ids of entries that repeat the tag of another entry, or have two leaves."""
        return [row[0] for row in rows(self.connection, _REPEATED)]

    def tiles(self) -> Iterator[Tile]:
        """All tiles."""
        for row in self.connection.execute(select(ledger_tiles)):
            yield row.height, row.number, row.root

    def heads(self) -> Sequence[Head]:
        """The stored heads, the smallest first."""
        query = select(ledger_heads).order_by(ledger_heads.c.size)
        return [head_of(row) for row in self.connection.execute(query)]

    def of_actions(self, actions: Sequence[str]) -> Sequence[LedgerEntry]:
        """The entries of these actions, in the order of their ids."""
        condition, value = among(self.connection, "action", actions)
        return self._entries(f"{condition} ORDER BY id", value)

    def is_authentic(self, entry: LedgerEntry) -> bool | None:
        """Whether a process with the ledger's key wrote the entry; None without the key."""
        if self.tags is None:
            return None
        if entry.tag is None:
            return False
        texts = (entry.actor, entry.action, entry.subject_kind, entry.subject_id, entry.details)
        return self.tags.is_valid(entry.tag, entry.at, texts)

    def verdicts(self, ids: Sequence[str]) -> Mapping[str, ScannedVerdict]:
        """The stored verdicts of these payments; of two verdicts of one payment, neither."""
        found: dict[str, ScannedVerdict] = {}
        twice: set[str] = set()
        for row in stored_verdicts(self.connection, ids):
            score, payment, key, receipt = verdict_values(row)
            name = payment[0]
            if name in found:
                twice.add(name)
            digest = None if key is None else commitment(key, score, payment, receipt)
            found[name] = ScannedVerdict(f"{score[0]:.4f}", score[2], digest)
        return {name: one for name, one in found.items() if name not in twice}

    def unexplained_verdicts(self) -> Sequence[tuple[str, datetime]]:
        """Payments with a verdict and no entry, and the times of their verdicts."""
        return [(row[0], time_of(row[1])) for row in rows(self.connection, _UNEXPLAINED)]

    def labels(self) -> Iterator[ScannedLabel]:
        """All labels."""
        for row in self.connection.execute(select(labels)):
            yield ScannedLabel(
                (row.transaction_id, row.source, row.version),
                row.finding,
                row.reported_by,
                row.reported_at,
                row.written_at,
            )

    def rule_versions(self) -> Sequence[ScannedRule]:
        """All versions of all rules."""
        query = select(fraud_rule_versions)
        return [ScannedRule(*row) for row in self.connection.execute(query)]

    def rules(self) -> Sequence[ScannedRule]:
        """The newest version of each rule, as scoring reads it."""
        return [
            ScannedRule(
                row.id, row.version, {**row.document, "name": row.name}, row.active, row.updated_at
            )
            for row in self.connection.execute(select(fraud_rules))
        ]

    def cases(self, kind: str) -> Iterator[ScannedCase]:
        """All alerts, or all reports."""
        table, names = _CASES[kind]
        query = select(table.c.id, table.c.version, *(table.c[name] for name in names))
        for row in self.connection.execute(query):
            yield ScannedCase(row.id, row.version, dict(zip(names, row[2:], strict=True)))

    def _entries(self, condition: str, *values: object) -> list[LedgerEntry]:
        query = f"SELECT {columns(self.connection)} FROM audit_log WHERE {condition}"  # noqa: S608 - of constants
        return [entry_of(row) for row in rows(self.connection, query, *values)]


@contextmanager
def scan_ledger(engine: Engine, snapshot: str = "") -> Iterator[SqlLedgerScan]:
    """Open a snapshot of the database: a new one, or on PostgreSQL one that `shared` named."""
    with reading(engine) as connection:
        if is_postgresql(connection):
            if snapshot:
                connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            # The snapshot is kept while other processes work.
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        scan = SqlLedgerScan(connection, tags_of(engine))
        scan.state()  # SQLite's snapshot begins with the first read
        yield scan


def shared(scan: SqlLedgerScan) -> str:
    """The name of the snapshot for `scan_ledger` in other processes; empty on SQLite."""
    if not is_postgresql(scan.connection):
        return ""
    name: str = scan.connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
    return name


def without_writers(engine: Engine) -> AbstractContextManager[object]:
    """Let no process write to SQLite in the block: snapshots that begin in it are equal."""
    return nullcontext() if engine.dialect.name == "postgresql" else writing(engine)
