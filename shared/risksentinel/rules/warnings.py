"""Warnings: probable mistakes in a valid rule."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from risksentinel.errors import Violation
from risksentinel.rules.contradictions import Search
from risksentinel.rules.normal_form import literals, normal_form
from risksentinel.rules.rule import Action, Rule
from risksentinel.rules.text_warnings import of_texts


@dataclass(frozen=True, slots=True)
class Alerting:
    """The effect of the installation's settings on a rule.

    `alone` is the score of a payment for which only this rule fires, `threshold` the minimum score
    of an alert. Both are between 0 and 1.
    """

    alone: Decimal
    threshold: Decimal


def warnings_of(
    rule: Rule, alerting: Alerting, known_lists: Collection[str] | None = None
) -> tuple[Violation, ...]:
    """Return a rule's warnings with paths; without `known_lists`, lists are not checked."""
    node = normal_form(rule.condition)
    texts = [violation for one in literals(node) for violation in of_texts(one, known_lists)]
    return (*_of_firing(rule), *texts, *_of_action(rule, alerting))


def _of_firing(rule: Rule) -> Iterator[Violation]:
    search = Search()
    if whole := search.contradiction(normal_form(rule.condition)):
        yield Violation(whole.path, f"{whole.words}, so the rule can never fire; {whole.change}")
        return
    for part in search.dead:
        yield Violation(
            part.path,
            f"{part.words}, so this part of the rule can never hold; {part.change}",
        )


def _of_action(rule: Rule, alerting: Alerting) -> Iterator[Violation]:
    if rule.action is Action.APPROVE:
        yield from _of_approving(rule)
    elif alerting.alone < alerting.threshold:
        yield _unalerted(rule, alerting)


def _of_approving(rule: Rule) -> Iterator[Violation]:
    if rule.weight:
        yield Violation(
            "weight",
            "raises the score of payments that this rule approves; set it to 0",
        )
    if rule.floor is not None:
        yield Violation(
            "floor",
            "raises the score of payments that this rule approves; remove it",
        )


def _unalerted(rule: Rule, alerting: Alerting) -> Violation:
    reached = f"alone it brings a payment to {alerting.alone}, and alerts begin at"
    threshold = f"{alerting.threshold.normalize():f}"
    if rule.action is Action.FLAG:
        return Violation(
            "action",
            f"flag only adds to the score: {reached} {threshold}; set action to review or "
            "decline if the rule should act by itself",
        )
    return Violation(
        "action",
        f"{rule.action.value} decides the payment but raises no alert: {reached} {threshold}; set "
        f"floor to {threshold}, or ALERT_THRESHOLD lower",
    )
