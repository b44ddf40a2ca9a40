"""audited: rows of rules, each compared with the audit entry of its version.

A person with access to the database can change a row; the audit log is evidence of every version.
So the entry decides: a row that differs from it is refused, and the newest version that the audit
log has is in force in its place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, tuple_

from risksentinel.adapters.sql.rule_rows import parsed_rule
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.basis import digest_of_json
from risksentinel.rules.rule import StoredRule

_AT_ONCE: Final = 200
_ENTRIES: Final = select(audit_log.c.subject_id, audit_log.c.at, audit_log.c.details).where(
    audit_log.c.subject_kind == "rule"
)


@dataclass(frozen=True, slots=True)
class AuditedRules:
    """`rules` as the audit log has them, in order; `refused` are ids that it does not have."""

    rules: Sequence[StoredRule]
    refused: frozenset[str]
    faults: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    version: int
    document: Any
    at: datetime


def audited(connection: Connection, rows: Sequence[Row[Any]]) -> AuditedRules:
    """Compare each row of `fraud_rules` with its entry."""
    entries = _of_their_time(connection, rows)
    rules, refused, faults = [], set(), []
    for row in rows:
        entry = entries.get((row.id, row.version)) or _newest(connection, row.id)
        if entry is None:
            refused.add(row.id)
            faults.append(f"rule {row.id}@{row.version} has no entry in the audit log")
            continue
        if not _agree(row, entry):
            faults.append(f"rule {row.id}@{row.version} differs from the audit log")
        rules.append(_rule(row, entry))
    return AuditedRules(rules, frozenset(refused), faults)


def _of_their_time(
    connection: Connection, rows: Sequence[Row[Any]]
) -> Mapping[tuple[str, int], _Entry]:
    """The entries, by id and version; a version and its entry have the same time.

    The time selects the partition. Entries that were written again, because the month of the first
    one was dropped, are found by `_newest`.
    """
    found: dict[tuple[str, int], _Entry] = {}
    key = tuple_(audit_log.c.subject_id, audit_log.c.at)
    for start in range(0, len(rows), _AT_ONCE):
        asked = [(row.id, row.updated_at) for row in rows[start : start + _AT_ONCE]]
        for line in connection.execute(_ENTRIES.where(key.in_(asked)).order_by(audit_log.c.id)):
            entry = _entry(line)
            if entry is not None:
                found[line.subject_id, entry.version] = entry
    return found


def _newest(connection: Connection, rule_id: str) -> _Entry | None:
    mine = _ENTRIES.where(audit_log.c.subject_id == rule_id).order_by(audit_log.c.id)
    entries = [_entry(line) for line in connection.execute(mine)]
    known = [entry for entry in entries if entry is not None]
    return max(known, key=lambda entry: entry.version, default=None)


def _entry(line: Row[Any, Any, Any]) -> _Entry | None:
    version = line.details.get("version")
    return _Entry(version, line.details.get("document"), line.at) if version else None


def _agree(row: Row[Any], entry: _Entry) -> bool:
    stated = entry.document if isinstance(entry.document, Mapping) else {}
    return (
        row.version == entry.version
        and row.active == stated.get("active", row.active)
        and row.name == stated.get("name", row.name)
        and digest_of_json(row.document) == digest_of_json(entry.document)
    )


def _rule(row: Row[Any], entry: _Entry) -> StoredRule:
    same = row.version == entry.version
    return parsed_rule(
        entry.document,
        rule_id=row.id,
        version=entry.version,
        created_at=row.created_at,
        updated_at=row.updated_at if same else entry.at,
    )
