"""WriteList: every change of a named list is audited in the same commit."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risksentinel.domain.named_list import Entry, EntryDraft, NamedList, check_list_name
from risksentinel.errors import Conflict, Malformed, Unavailable, Violation
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.lists import Changed, ListLedger, ListUnit
from risksentinel.rules.rule import lists_used


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry after the change, and whether it is new on its list."""

    entry: Entry
    is_new: bool


@dataclass(frozen=True, slots=True)
class WriteList:
    """Create and delete lists, and write their entries. Values are compared in folded form."""

    ledger: ListLedger
    clock: Clock
    new_id: NewId

    def create(self, name: str, description: str, actor: str) -> NamedList:
        """Make an empty list. Raises Malformed, and Conflict where a list has the name."""
        now = self.clock()
        new = NamedList(self.new_id(), check_list_name(name), description, actor, now, 0, 0)
        with self.ledger.unit() as unit:
            kept = unit.create(new)
            _audit(unit, now, actor, "list.created", name, {"description": description})
        return kept

    def delete(self, name: str, actor: str) -> None:
        """Delete a list with its entries.

        Raises:
            NotFound: there is no such list.
            Conflict: an active rule uses the list.
        """
        with self.ledger.unit() as unit:
            named = unit.named(name)
            users = [rule.name for rule in unit.active_rules() if name in lists_used(rule)]
            if users:
                quoted = ", ".join(f'"{each}"' for each in users)
                raise Conflict(f"active rules use this list; change or deactivate first: {quoted}")
            unit.drop(named)
            _audit(unit, self.clock(), actor, "list.deleted", name, {"size": named.size})
        with suppress(Unavailable):  # the list is deleted; the next deletion sweeps again
            self.ledger.sweep()

    def put(self, name: str, draft: EntryDraft, actor: str) -> WrittenEntry:
        """Add the entry, or replace the one of its value; a repetition changes nothing.

        Raises:
            NotFound: there is no such list.
            Malformed: the entry has already expired.
            Conflict: the list is full.
        """
        now = self.clock()
        if draft.expires_at is not None and draft.expires_at <= now:
            raise Malformed([Violation("expires_at", "must be in the future")])
        with self.ledger.unit() as unit:
            named = unit.named(name)
            before = unit.entry(named, draft.value)
            if before is not None and _says_the_same(before, draft):
                return WrittenEntry(before, is_new=False)
            unit.put(named, [draft], actor, now)
            action = "list.entry_added" if before is None else "list.entry_replaced"
            _audit(
                unit, now, actor, action, name, _details(unit.digest(draft.value), draft, before)
            )
        made = now if before is None else before.created_at
        entry = Entry(draft.value, draft.reason, actor, made, draft.expires_at)
        return WrittenEntry(entry, is_new=before is None)

    def remove(self, name: str, value: str, actor: str) -> None:
        """Remove the entry of this value from the list. Raises NotFound."""
        with self.ledger.unit() as unit:
            named = unit.named(name)
            unit.remove(named, value)
            details = {"value_digest": unit.digest(value)}
            _audit(unit, self.clock(), actor, "list.entry_removed", name, details)

    def put_many(self, name: str, drafts: Sequence[EntryDraft], actor: str) -> Changed:
        """Add or replace all of the entries or none, with one audit entry that counts them.

        Raises:
            NotFound: there is no such list.
            Conflict: the list would have too many entries.
        """
        now = self.clock()
        with self.ledger.unit() as unit:
            changed = unit.put(unit.named(name), drafts, actor, now)
            details = {"added": changed.added, "replaced": changed.replaced}
            _audit(unit, now, actor, "list.imported", name, details)
        return changed


def _says_the_same(entry: Entry, draft: EntryDraft) -> bool:
    return (entry.value, entry.reason, entry.expires_at) == (
        draft.value,
        draft.reason,
        draft.expires_at,
    )


def _details(digest: str, draft: EntryDraft, before: Entry | None) -> dict[str, Any]:
    now = {"value_digest": digest, **_says(draft)}
    return now if before is None else {**now, "before": _says(before)}


def _says(entry: Entry | EntryDraft) -> dict[str, Any]:
    expires_at = None if entry.expires_at is None else entry.expires_at.isoformat()
    return {"reason": entry.reason, "expires_at": expires_at}


def _audit(
    unit: ListUnit, at: datetime, actor: str, action: str, name: str, details: Mapping[str, Any]
) -> None:
    unit.audit([AuditEntry(at, actor, action, "list", name, details)])
