"""PolicyContents: everything that decides a payment, as one value and as one JSON document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from risksentinel.errors import Malformed, Violation
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.rules.violations import within
from risksentinel.scoring.basis import policy_of
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_document import policy_document

_MEMBERS = ("settings", "rules", "model")


@dataclass(frozen=True, slots=True)
class PolicyContents:
    """Settings, the rules in force in their order, and the version of the model, if there is one.

    The contents of named lists are data, not policy: the rules name the lists that they read.
    """

    settings: Policy
    rules: ActiveRules
    model: str | None

    @property
    def lists(self) -> Sequence[str]:
        """The names of the lists that the rules read, in order."""
        return sorted({name for rule in self.rules for name in rule.lists})


def contents_document(contents: PolicyContents) -> dict[str, Any]:
    """Return the contents as JSON; `contents_of` reads it."""
    return {
        "settings": policy_document(contents.settings),
        "rules": [_rule_document(rule) for rule in contents.rules],
        "lists": list(contents.lists),
        "model": contents.model,
    }


def contents_of(document: Mapping[str, Any], at: datetime) -> PolicyContents:
    """Return the contents of a document; `lists` is derived from the rules and is not read.

    The rules are created `at` that time.

    Raises:
        Malformed: all violations with their paths, like `rules[2].condition.field`.
    """
    missing = [Violation(name, "is missing") for name in _MEMBERS if name not in document]
    if missing:
        raise Malformed(missing)
    violations: list[Violation] = []
    settings, rules = Policy(), []
    try:
        settings = policy_of({"policy": document["settings"]})
    except (TypeError, KeyError, ValueError, ArithmeticError) as error:
        violations.append(Violation("settings", f"are not those of a policy: {error}"))
    for place, stated in enumerate(document["rules"]):
        try:
            rules.append(_rule_of(stated, at))
        except Malformed as malformed:
            violations += within(f"rules[{place}].", malformed)
    if violations:
        raise Malformed(violations)
    return PolicyContents(settings, ActiveRules(rules), document["model"])


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "version": rule.version, **document_of(rule)}


def _rule_of(stated: Mapping[str, Any], at: datetime) -> Rule:
    members = {name: value for name, value in stated.items() if name not in {"id", "version"}}
    return parse_rule(
        members, rule_id=stated["id"], version=stated["version"], created_at=at, updated_at=at
    )
