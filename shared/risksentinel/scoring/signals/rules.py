"""Rules: the combined risk of the fired rules."""

from collections.abc import Sequence
from typing import Any

from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.rule import Rule, Severity
from risksentinel.rules.values import listed_in, values_of
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy

_GRAVEST_FIRST = tuple(reversed(Severity))


def opinion(facts: Facts, policy: Policy) -> Opinion:  # noqa: ARG001 - all signals have the same signature
    """Return 1 - (1-w1)(1-w2)... over the weights of the fired rules.

    If no rule fired, and the result of at least one rule is unknown because the history or the
    lists did not answer, the signal is silent: its risk is not 0.
    """
    if isinstance(facts.rules, Silent):
        return facts.rules
    if not facts.rules:
        return Silent("no rule is active")
    fired, undetermined = _tried(facts, facts.rules)
    details = {
        "fired": [_fired(rule, facts) for rule in fired],
        "undetermined": [rule.reference for rule in undetermined],
        "evaluated": len(facts.rules),
    }
    unheard = [each for each in (facts.history, facts.lists) if isinstance(each, Silent)]
    if undetermined and not fired and unheard:
        words = f"{len(undetermined)} rules need unknown fields"
        return Silent(words, details, unheard[0].absence)
    left = 1.0
    for rule in fired:
        left *= 1.0 - rule.weight
    reasons = tuple(_in_words(rule) for rule in fired) or ("no rule fired",)
    return Reading(round(1.0 - left, 6), reasons, details)


def _tried(facts: Facts, rules: Sequence[Rule]) -> tuple[list[Rule], list[Rule]]:
    fired, undetermined, observation = [], [], facts.observation
    for rule, test in ActiveRules.of(rules).possible(observation):
        answer = test(observation)
        if answer:
            fired.append(rule)
        elif answer is None:
            undetermined.append(rule)
    fired.sort(key=lambda rule: (_GRAVEST_FIRST.index(rule.severity), -rule.weight, rule.id))
    return fired, undetermined


def _fired(rule: Rule, facts: Facts) -> dict[str, Any]:
    listed = listed_in(rule, facts.observation)
    return {
        "rule": rule.reference,
        "name": rule.name,
        "severity": rule.severity,
        "action": rule.action,
        "weight": rule.weight,
        "floor": rule.floor,
        "values": values_of(rule, facts.observation),
        **({"listed": listed} if listed else {}),
    }


def _in_words(rule: Rule) -> str:
    return f"{rule.name}: {rule.description}" if rule.description else rule.name
