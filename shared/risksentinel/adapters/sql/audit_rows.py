"""audit_row: the row of a new audit entry."""

from collections.abc import Mapping
from typing import Any

from risksentinel.adapters.sql.entry_tags import EntryTags
from risksentinel.adapters.sql.stored_json import StoredJson
from risksentinel.ports.ledger import AuditEntry
from risksentinel.text.canonical_json import canonical


def audit_row(
    entry: AuditEntry, tags: EntryTags | None, origin: Mapping[str, str]
) -> dict[str, Any]:
    """Every column of a new entry; its details are stored as canonical JSON.

    The details get the members of `origin`: where the request comes from.
    """
    details = canonical({**entry.details, **origin} if origin else entry.details)
    texts = (entry.actor, entry.action, entry.subject_kind, entry.subject_id)
    return {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "details": StoredJson(details),
        "tag": None if tags is None else tags.tag(entry.at, (*texts, details)),
    }
