"""audited_policy: the settings of the live version, compared with its entry in the audit log.

A person with access to the database can change a threshold in the row; the audit log is evidence of
every version. So the entry decides. A live version without any entry is not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from risksentinel.adapters.sql.tables import audit_log, policy_versions
from risksentinel.domain.basis import digest_of_json
from risksentinel.domain.policy_version import PolicyState

KIND: Final = "policy"
_LIVE: Final = select(
    policy_versions.c.number,
    policy_versions.c.settings,
    policy_versions.c.model,
    policy_versions.c.changed_at,
).where(policy_versions.c.state == PolicyState.LIVE.value)
_ENTRIES: Final = select(audit_log.c.details).where(audit_log.c.subject_kind == KIND)


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """The number, the settings and the model of the live version; `fault`: what differs."""

    number: int
    settings: Mapping[str, Any]
    model: str | None
    fault: str | None = None


def audited_policy(connection: Connection) -> LiveSettings | str | None:
    """The live version as its entry has it; the fault where it has none; None without a version."""
    row = connection.execute(_LIVE).one_or_none()
    if row is None:
        return None
    entry = _entry(connection, row.number, row.changed_at)
    if entry is None:
        return f"version {row.number} of the policy has no entry in the audit log"
    stated = {"settings": row.settings, "model": row.model}
    audited = {"settings": entry.get("settings"), "model": entry.get("model")}
    same = digest_of_json(stated) == digest_of_json(audited)
    fault = None if same else f"version {row.number} of the policy differs from the audit log"
    return LiveSettings(row.number, entry["settings"], entry.get("model"), fault)


def _entry(connection: Connection, number: int, at: datetime) -> Mapping[str, Any] | None:
    """The entry of the version: by its time, the key of the partition, or one that was carried."""
    mine = _ENTRIES.where(audit_log.c.subject_id == str(number))
    for query in (mine.where(audit_log.c.at == at), mine):
        for line in connection.execute(query.order_by(audit_log.c.id)):
            details = line.details
            if details.get("version") == number and isinstance(details.get("settings"), dict):
                return dict(details)
    return None
