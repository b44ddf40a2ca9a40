"""SqlLedgerScan: what a verification of the ledger reads, through the driver."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, select

from risksentinel.adapters.sql.commitments import commitment
from risksentinel.adapters.sql.engine import reading
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
_LEAVES: Final = (
    "SELECT sequence, entry_id, entry_at, leaf_hash FROM ledger_leaves"
    " WHERE sequence >= ? ORDER BY sequence LIMIT ?"
)
_WITHOUT_LEAF: Final = "NOT EXISTS (SELECT 1 FROM ledger_leaves WHERE entry_id = audit_log.id)"
_UNEXPLAINED: Final = f"""
SELECT transaction_id, scored_at FROM risk_scores WHERE NOT EXISTS (
    SELECT 1 FROM audit_log WHERE subject_id = transaction_id AND action = 'transaction.scored'
) LIMIT {_MOST}
"""  # noqa: S608 - of constants
_REPEATED: Final = f"""
SELECT max(id) FROM audit_log WHERE tag IS NOT NULL GROUP BY at, tag HAVING count(*) > 1
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

    def leaves(self, begin: int, most: int) -> Sequence[Leaf]:
        """Leaves in order, from the first whose sequence is `begin` or more."""
        found = rows(self.connection, _LEAVES, begin, most)
        return [Leaf(row[0], row[1], time_of(row[2]), bytes(row[3])) for row in found]

    def first_since(self, at: datetime) -> int:
        """The sequence of the first leaf of an entry at or after the moment."""
        query = "SELECT coalesce(min(sequence), ?) FROM ledger_leaves WHERE entry_at >= ?"
        moment = stored_time(self.connection, at)
        first: int = rows(self.connection, query, self.state().head.size, moment)[0][0]
        return first

    def entries(self, ids: Sequence[int]) -> Mapping[int, LedgerEntry]:
        """The entries of these ids."""
        condition, value = among(self.connection, "id", ids)
        return {entry.id: entry for entry in self._entries(condition, value)}

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

    def pending(self) -> Sequence[LedgerEntry]:
        """Entries that wait for their leaf."""
        known = {entry.id for entry in self.unchained()}
        found = self._entries(f"{_WITHOUT_LEAF} ORDER BY id")
        return [entry for entry in found if entry.id not in known]

    def repeated(self) -> Sequence[int]:
        """Ids of entries that repeat the tag of another entry."""
        return [row[0] for row in rows(self.connection, _REPEATED)]

    def tiles(self) -> Iterator[Tile]:
        """All tiles."""
        for row in self.connection.execute(select(ledger_tiles)):
            yield row.height, row.number, row.root

    def heads(self) -> Sequence[Head]:
        """The stored heads, the smallest first."""
        query = select(ledger_heads).order_by(ledger_heads.c.size)
        return [head_of(row) for row in self.connection.execute(query)]

    def of_action(self, action: str) -> Sequence[LedgerEntry]:
        """The entries of this action, in the order of their ids."""
        return self._entries("action = ? ORDER BY id", action)

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
def scan_ledger(engine: Engine) -> Iterator[SqlLedgerScan]:
    """Open a snapshot of the database."""
    with reading(engine) as connection:
        yield SqlLedgerScan(connection, tags_of(engine))
