"""carry_rules: before a month of the audit log goes, the entries of rules are written again.

The rule book loads only rules that have an entry of their version. An entry that is carried has the
details of the first one, and the time and the actor of that.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, select

from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.month import Span
from risksentinel.adapters.sql.tables import audit_log, fraud_rules
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.ports.ledger import AuditEntry

CARRIED: Final = "rule.carried"
_MINE: Final = select(audit_log).where(audit_log.c.subject_kind == "rule")


def carry_rules(engine: Engine, span: Span, now: datetime) -> int:
    """Write again the newest entry of each rule that has none after the span; answers how many."""
    with reading(engine) as connection:
        ids = connection.scalars(select(fraud_rules.c.id)).all()
        newest = [_newest(connection, rule_id) for rule_id in ids]
    going = [entry for entry in newest if entry is not None and entry["at"] < span.until]
    if going:
        with writing_line(engine) as line:
            unit = SqlUnit(line)
            unit.audit([_carried(entry, now) for entry in going])
            unit.commit()
    return len(going)


def _newest(connection: Connection, rule_id: str) -> dict[str, Any] | None:
    query = _MINE.where(audit_log.c.subject_id == rule_id).order_by(audit_log.c.id.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else dict(row)


def _carried(entry: dict[str, Any], now: datetime) -> AuditEntry:
    first = {"at": entry["at"].isoformat(), "actor": entry["actor"], "action": entry["action"]}
    return AuditEntry(
        at=now,
        actor="retention",
        action=CARRIED,
        subject_kind=entry["subject_kind"],
        subject_id=entry["subject_id"],
        details={"first": first, **entry["details"]},  # `first` of a carried entry stays
    )
