"""parse_rule: the JSON document of a rule -> Rule. Evaluation of a parsed rule cannot fail."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from risksentinel.errors import Malformed, Violation
from risksentinel.rules.kinds import flag, number, text
from risksentinel.rules.names import key_path, unknown
from risksentinel.rules.rule import Action, Rule, Severity, StoredRule, UnreadableRule
from risksentinel.rules.tree import read_condition
from risksentinel.rules.violations import within

MAX_NAME: Final = 100
MAX_DESCRIPTION: Final = 500
_REQUIRED: Final = object()


def parse_rule(
    document: object, *, rule_id: str, version: int, created_at: datetime, updated_at: datetime
) -> Rule:
    """Parse a rule.

    Raises:
        Malformed: all violations with their paths, like `condition.all[2].field`.
    """
    if not isinstance(document, Mapping):
        raise Malformed("a rule must be an object")
    members = _read_members(document)
    condition = members["condition"]
    return Rule(
        id=rule_id,
        version=version,
        name=members["name"],
        description=members["description"],
        condition=condition.document,
        weight=members["weight"],
        severity=members["severity"],
        floor=members["floor"],
        active=members["active"],
        created_at=created_at,
        updated_at=updated_at,
        test=condition.test,
        test_for=condition.test_for,
        fields=condition.fields,
        action=members["action"],
        lists=condition.lists,
        min_amount=condition.min_amount,
    )


def document_of(rule: StoredRule) -> dict[str, Any]:
    """Return the JSON of a rule, which parses to the same rule; of an unreadable rule as stored."""
    if isinstance(rule, UnreadableRule):
        return {**deepcopy(dict(rule.document)), "active": rule.active}
    return {
        "name": rule.name,
        "description": rule.description,
        "condition": deepcopy(dict(rule.condition)),
        "weight": rule.weight,
        "severity": rule.severity.value,
        "action": rule.action.value,
        "floor": rule.floor,
        "active": rule.active,
    }


@dataclass(frozen=True, slots=True)
class _Member:
    read: Callable[[object], object]
    default: object = _REQUIRED


def _name(raw: object) -> str:
    name = text(raw, 1, MAX_NAME)
    if not name.isprintable() or name.isspace():
        raise Malformed("must be printable, and not blank")
    return name


def _description(raw: object) -> str:
    return text(raw, 0, MAX_DESCRIPTION)


def _share(raw: object) -> float:
    share = number(raw)
    if not 0 <= share <= 1:
        raise Malformed("must be a number between 0 and 1")
    return float(share)


def _floor(raw: object) -> float | None:
    return None if raw is None else _share(raw)


def _severity(raw: object) -> Severity:
    return Severity(_word(raw, Severity))


def _action(raw: object) -> Action:
    return Action(_word(raw, Action))


def _word(raw: object, of: type[StrEnum]) -> str:
    names = [member.value for member in of]
    if not isinstance(raw, str) or raw not in names:
        raise Malformed(f"must be one of: {', '.join(names)}")
    return raw


_MEMBERS: Final[Mapping[str, _Member]] = MappingProxyType(
    {
        "name": _Member(_name),
        "description": _Member(_description, ""),
        "condition": _Member(read_condition),
        "weight": _Member(_share),
        "severity": _Member(_severity),
        "action": _Member(_action, Action.FLAG),
        "floor": _Member(_floor, None),
        "active": _Member(flag, default=True),
    }
)


def _read_members(document: Mapping[Any, object]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    violations = [
        Violation(key_path(key).removeprefix("."), unknown("key", key, _MEMBERS))
        for key in document
        if key not in _MEMBERS
    ]
    for name, member in _MEMBERS.items():
        try:
            members[name] = _read_member(member, name, document)
        except Malformed as malformed:
            violations += within(name, malformed)
    if violations:
        raise Malformed(violations)
    return members


def _read_member(member: _Member, name: str, document: Mapping[Any, object]) -> object:
    if name in document:
        return member.read(document[name])
    if member.default is _REQUIRED:
        raise Malformed("is missing")
    return member.default
