"""policy_diff: what differs between the contents of two versions of the policy."""

from collections.abc import Mapping
from typing import Any, Final

from risksentinel.scoring.policy_document import differences

_NAMING: Final = frozenset({"id", "version"})
Contents = Mapping[str, Any]
RuleDocument = Mapping[str, Any]


def policy_diff(before: Contents, after: Contents) -> dict[str, Any]:
    """Return the changed settings, the rules added, removed and changed, and the model.

    A changed member has `before` and `after`; the version of a rule is not compared.
    """
    old, new = by_id(before), by_id(after)
    return {
        "settings": differences(before["settings"], after["settings"]),
        "rules": {
            "added": [dict(rule) for name, rule in new.items() if name not in old],
            "removed": [dict(rule) for name, rule in old.items() if name not in new],
            "changed": [
                {"id": name, "name": new[name]["name"], "changes": changes}
                for name in new
                if name in old and (changes := _changes(old[name], new[name]))
            ],
        },
        "model": None
        if before["model"] == after["model"]
        else {"before": before["model"], "after": after["model"]},
    }


def is_same(before: Contents, after: Contents) -> bool:
    """Return whether both contents decide alike."""
    found = policy_diff(before, after)
    return not (found["settings"] or any(found["rules"].values()) or found["model"])


def by_id(contents: Contents) -> dict[str, RuleDocument]:
    """Return the rules of contents by their ids."""
    return {rule["id"]: rule for rule in contents["rules"]}


def without_version(rule: RuleDocument) -> dict[str, Any]:
    """Return what the author of a rule states."""
    return {name: value for name, value in rule.items() if name not in _NAMING}


def _changes(before: RuleDocument, after: RuleDocument) -> dict[str, Any]:
    one, other = without_version(before), without_version(after)
    return {
        name: {"before": one.get(name), "after": other.get(name)}
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    }
