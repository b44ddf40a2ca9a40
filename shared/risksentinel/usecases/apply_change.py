"""ApplyChange: makes a proposed change of a rule, a list or the policy, as a direct change."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from risksentinel.domain.list_csv import drafted, read_entries
from risksentinel.domain.named_list import Entry, EntryDraft
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.errors import NotFound
from risksentinel.ports.environment import Clock, NewId
from risksentinel.ports.lists import ListUnit
from risksentinel.ports.proposals import ProposalUnit
from risksentinel.rules.parse import document_of
from risksentinel.text import rfc3339, strict_json
from risksentinel.usecases.promote_policy import live_of, promote, roll_back
from risksentinel.usecases.write_list import WriteList
from risksentinel.usecases.write_rule import WriteRule


@dataclass(frozen=True, slots=True)
class State:
    """The state of a subject: its name, which differs after each change, and what it contains."""

    name: str
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ApplyChange:
    """Reads the state that a change is based on, and makes the change, in a given unit."""

    clock: Clock
    new_id: NewId

    def state(self, unit: ProposalUnit, wanted: ProposedChange) -> State | None:
        """The state of the subject, locked until the unit ends; None if it does not exist."""
        if wanted.kind.value.startswith("rule."):
            return _rule(unit, wanted.subject)
        if wanted.kind.value.startswith("policy."):
            return _live(unit)
        with unit.lists.unit() as lists:
            return _list(lists, wanted)

    def __call__(self, unit: ProposalUnit, wanted: ProposedChange, actor: str) -> None:
        """Make the change.

        Raises:
            Rejected: as `WriteRule` and `WriteList` do for the same change.
        """
        if wanted.kind.value.startswith("rule."):
            self._change_rule(unit, wanted, actor)
        elif wanted.kind.value.startswith("policy."):
            self._change_policy(unit, wanted, actor)
        else:
            self._change_list(unit, wanted, actor)

    def _change_rule(self, unit: ProposalUnit, wanted: ProposedChange, actor: str) -> None:
        write = WriteRule(unit.rules, self.clock, self.new_id)
        subject, expected = wanted.subject, wanted.expected
        match wanted.kind:
            case ProposalKind.RULE_CREATE:
                write.create(wanted.change, actor, subject)
            case ProposalKind.RULE_REPLACE:
                write.replace(subject, wanted.change, expected, actor)
            case ProposalKind.RULE_PATCH:
                write.patch(subject, wanted.change, expected, actor)
            case ProposalKind.RULE_DEACTIVATE:
                write.deactivate(subject, expected, actor)
            case _:
                raise ValueError(wanted.kind)

    def _change_policy(self, unit: ProposalUnit, wanted: ProposedChange, actor: str) -> None:
        change, now = wanted.change, self.clock()
        with unit.versions.unit() as versions:
            match wanted.kind:
                case ProposalKind.POLICY_PROMOTION:
                    promote(versions, change["number"], actor, now)
                case ProposalKind.POLICY_ROLLBACK:
                    roll_back(versions, change["to"], change["reason"], actor, now)
                case _:
                    raise ValueError(wanted.kind)

    def _change_list(self, unit: ProposalUnit, wanted: ProposedChange, actor: str) -> None:
        write = WriteList(unit.lists, self.clock, self.new_id)
        subject, change = wanted.subject, wanted.change
        match wanted.kind:
            case ProposalKind.LIST_CREATE:
                write.create(subject, change["description"], actor)
            case ProposalKind.LIST_DELETE:
                write.delete(subject, actor)
            case ProposalKind.LIST_ENTRY_PUT:
                write.put(subject, _draft(change), actor)
            case ProposalKind.LIST_ENTRY_REMOVE:
                write.remove(subject, change["value"], actor)
            case ProposalKind.LIST_IMPORT:
                lines = io.StringIO(wanted.attachment.decode(), newline="")
                write.put_many(subject, list(read_entries(lines)), actor)
            case _:
                raise ValueError(wanted.kind)


def _rule(unit: ProposalUnit, rule_id: str) -> State | None:
    try:
        with unit.rules.unit() as rules:
            rule = rules.rule(rule_id)
    except NotFound:
        return None
    return State(str(rule.version), document_of(rule))


def _live(unit: ProposalUnit) -> State:
    with unit.versions.unit() as versions:
        live = live_of(versions)
    return State(str(live.number), {"version": live.number, **live.contents})


def _list(lists: ListUnit, wanted: ProposedChange) -> State | None:
    try:
        named = lists.named(wanted.subject)
    except NotFound:
        return None
    if wanted.kind not in {ProposalKind.LIST_ENTRY_PUT, ProposalKind.LIST_ENTRY_REMOVE}:
        document = {"description": named.description, "size": named.size}
        return State(f"{named.id} {named.revision}", document)
    # Changes of other entries of the list do not concern this one.
    entry = lists.entry(named, wanted.change["value"])
    if entry is None:
        return State(named.id, {})
    document = of_entry(entry)
    digest = sha256(strict_json.encode(document)).hexdigest()
    return State(f"{named.id} {digest}", document)


def of_entry(entry: Entry | EntryDraft) -> dict[str, Any]:
    """The document of an entry."""
    ends = None if entry.expires_at is None else rfc3339.to_text(entry.expires_at)
    return {"value": entry.value, "reason": entry.reason, "expires_at": ends}


def proposed_import(name: str, drafts: Sequence[EntryDraft], reason: str = "") -> ProposedChange:
    """The proposed import of entries; the attachment is the CSV that the import reads."""
    file = "".join(drafted(drafts)).encode()
    change = {"entries": len(drafts), "sha256": sha256(file).hexdigest()}
    return ProposedChange(ProposalKind.LIST_IMPORT, name, change, reason, attachment=file)


def _draft(document: Mapping[str, Any]) -> EntryDraft:
    ends = document["expires_at"]
    until = None if ends is None else rfc3339.parse(ends)
    return EntryDraft(document["value"], document["reason"], until)
