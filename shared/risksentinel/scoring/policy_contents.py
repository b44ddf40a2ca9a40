"""PolicyContents: everything that decides a payment, as one value and as one JSON document."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.domain.model_choice import MEMBER, named_version
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.transaction import IDENTIFIER, IDENTIFIER_IN_WORDS
from risksentinel.errors import Malformed, Violation
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.names import key_path
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.rules.rule_limits import MAX_ACTIVE_RULES, refuse_too_many
from risksentinel.rules.violations import read_each, within
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_document import policy_document
from risksentinel.scoring.policy_settings import settings_of

_MEMBERS: Final = ("settings", "rules", "model")
_ID: Final = re.compile(IDENTIFIER[1:-1])


@dataclass(frozen=True, slots=True)
class PolicyContents:
    """Settings, the rules in force in their order, and the model: `promoted`, one version, or none.

    The contents of named lists are data, not policy: the rules name the lists that they read.
    """

    settings: Policy
    rules: ActiveRules
    model: str | None

    @property
    def lists(self) -> Sequence[str]:
        """The names of the lists that the rules read, in order."""
        return sorted({name for rule in self.rules for name in rule.lists})

    @property
    def policy(self) -> Policy:
        """The settings with the choice of the model; without a model it has no weight."""
        return self.settings.choosing(self.model)


def contents_document(contents: PolicyContents) -> dict[str, Any]:
    """Return the contents as JSON; `contents_of` reads it."""
    return {
        "settings": policy_document(contents.settings),
        "rules": [_rule_document(rule) for rule in contents.rules],
        "lists": list(contents.lists),
        "model": contents.model,
    }


def contents_of(document: object, at: datetime) -> PolicyContents:
    """Return the contents of a document; `lists` is derived from the rules and is not read.

    The rules are created `at` that time. A rule without a version has version 0: it is new.

    Raises:
        Malformed: all violations with their paths, like `rules[2].condition.field`.
        Conflict: the rules together are too many, or cost too much.
    """
    if not isinstance(document, Mapping):
        raise Malformed("a policy must be an object")
    violations = [
        *(Violation(name, "is missing") for name in _MEMBERS if name not in document),
        *(
            Violation(key_path(key).removeprefix("."), "is not a member of a policy")
            for key in document
            if key not in (*_MEMBERS, "lists")
        ),
    ]
    if violations:
        raise Malformed(violations)
    settings, rules = Policy(), list[Rule]()
    try:
        settings = settings_of(document["settings"])
    except Malformed as malformed:
        found = within("settings.", malformed)
        violations += [Violation(each.path.removesuffix("."), each.message) for each in found]
    try:
        rules = _rules_of(document["rules"], at)
    except Malformed as malformed:
        violations += within("rules", malformed)
    try:
        _refuse_no_model(document["model"])
    except Malformed as malformed:
        violations += malformed.violations
    if violations:
        raise Malformed(violations)
    return PolicyContents(settings, ActiveRules(rules), document["model"])


def _refuse_no_model(stated: object) -> None:
    if stated is None or stated == PROMOTED:
        return
    if not isinstance(stated, str):
        message = f"must be null, {PROMOTED}, or the name of a version of the model"
        raise Malformed([Violation(MEMBER, message)])
    named_version(stated)


def _rules_of(raw: object, at: datetime) -> list[Rule]:
    if not isinstance(raw, Sequence) or isinstance(raw, (str, bytes)):
        raise Malformed([Violation("", "must be a list")])
    if len(raw) > MAX_ACTIVE_RULES:
        raise Malformed([Violation("", f"must be at most {MAX_ACTIVE_RULES} rules")])
    rules = read_each(lambda stated: _rule_of(stated, at), raw)
    for what, values in (("id", [r.id for r in rules]), ("name", [r.name for r in rules])):
        twice = [value for value, times in Counter(values).items() if times > 1]
        if twice:
            raise Malformed([Violation("", f"two rules have the {what} {twice[0]}")])
    if rules:
        *others, last = map(document_of, rules)
        refuse_too_many(others, last)
    return rules


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {"id": rule.id, "version": rule.version, **document_of(rule)}


def _rule_of(stated: object, at: datetime) -> Rule:
    if not isinstance(stated, Mapping):
        raise Malformed([Violation("", "must be an object")])
    rule_id, version = stated.get("id"), stated.get("version", 0)
    if not isinstance(rule_id, str) or _ID.fullmatch(rule_id) is None:
        raise Malformed([Violation(".id", f"must be {IDENTIFIER_IN_WORDS}")])
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise Malformed([Violation(".version", "must be a whole number")])
    members = {name: value for name, value in stated.items() if name not in {"id", "version"}}
    try:
        rule = parse_rule(members, rule_id=rule_id, version=version, created_at=at, updated_at=at)
    except Malformed as malformed:
        raise Malformed(within(".", malformed)) from None
    if not rule.active:
        raise Malformed([Violation(".active", "must be true: leave out a rule that is stopped")])
    return rule
