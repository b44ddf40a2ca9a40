"""carry_entries: before a month of the audit log goes, what is in force by it is written again.

The rule book loads only rules and a live version of the policy that have an entry, and a model
scores only if its promotion has one. An entry that is carried has the details of the first one, and
the time and the actor of that.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, select

from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.month import Span
from risksentinel.adapters.sql.recorded_promotions import PROMOTIONS
from risksentinel.adapters.sql.tables import audit_log, fraud_rules, policy_versions
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.model_version import CARRIED as MODEL_CARRIED
from risksentinel.domain.policy_version import PolicyState
from risksentinel.ports.ledger import AuditEntry

CARRIED: Final = "rule.carried"
_CARRIED: Final = {"rule": CARRIED, "model": MODEL_CARRIED, "policy": "policy.carried"}
_ENTRY: Final = select(audit_log).order_by(audit_log.c.id.desc()).limit(1)
_OF_RULES: Final = _ENTRY.where(audit_log.c.subject_kind == "rule")
_CAME_INTO_FORCE: Final = (
    audit_log.c.subject_kind == "policy",
    audit_log.c.action.in_(("policy.live", _CARRIED["policy"])),
)
_LIVE: Final = select(policy_versions.c.number).where(
    policy_versions.c.state == PolicyState.LIVE.value
)
_PROMOTES: Final = (audit_log.c.subject_kind == "model", audit_log.c.action.in_(PROMOTIONS))


def carry_entries(engine: Engine, span: Span, now: datetime) -> int:
    """Write again the newest entry of each rule, of the live policy and of each promoted model.

    Only those that have none after the span; answers how many.
    """
    with reading(engine) as connection:
        ids = connection.scalars(select(fraud_rules.c.id)).all()
        newest = [_newest(connection, _OF_RULES, rule_id) for rule_id in ids]
        promoted = select(audit_log.c.subject_id).where(
            *_PROMOTES, audit_log.c.at >= span.since, audit_log.c.at < span.until
        )
        models = connection.scalars(promoted.distinct()).all()
        newest += [_newest(connection, _ENTRY.where(*_PROMOTES), name) for name in models]
        newest += [
            _newest(connection, _ENTRY.where(*_CAME_INTO_FORCE), str(number))
            for number in connection.scalars(_LIVE).all()
        ]
    going = [entry for entry in newest if entry is not None and entry["at"] < span.until]
    if going:
        with writing_line(engine) as line:
            unit = SqlUnit(line)
            unit.audit([_carried(entry, now) for entry in going])
            unit.commit()
    return len(going)


def _newest(connection: Connection, query: Select[Any], subject: str) -> dict[str, Any] | None:
    mine = query.where(audit_log.c.subject_id == subject)
    row = connection.execute(mine).mappings().one_or_none()
    return None if row is None else dict(row)


def _carried(entry: dict[str, Any], now: datetime) -> AuditEntry:
    first = {"at": entry["at"].isoformat(), "actor": entry["actor"], "action": entry["action"]}
    return AuditEntry(
        at=now,
        actor="retention",
        action=_CARRIED[entry["subject_kind"]],
        subject_kind=entry["subject_kind"],
        subject_id=entry["subject_id"],
        details={"first": first, **entry["details"]},  # `first` of a carried entry stays
    )
