"""The score of a payment for which only one rule fires."""

from decimal import Decimal
from typing import Final

from risksentinel.domain.signal import Opinion, Reading
from risksentinel.rules.rule import Action, Rule
from risksentinel.scoring.escalations.escalation import lifted
from risksentinel.scoring.facts import NO_MODEL
from risksentinel.scoring.fuse import fuse
from risksentinel.scoring.policy import Policy

_CALM: Final = Reading(0.0, ("nothing unusual",))


def score_alone(rule: Rule, policy: Policy) -> Decimal:
    """Return the score if only the rule fires, velocity and anomaly are 0, without a model."""
    opinions: dict[str, Opinion] = {
        "rules": Reading(rule.weight, (rule.name,)),
        "velocity": _CALM,
        "anomaly": _CALM,
        "ml": NO_MODEL,
    }
    score = fuse(opinions, policy).composite
    for floor in sorted(_floors(rule, policy)):
        score = max(score, lifted(score, floor, policy))
    return score


def _floors(rule: Rule, policy: Policy) -> list[Decimal]:
    acting = {Action.REVIEW: policy.high, Action.DECLINE: policy.critical}
    floors = [acting[rule.action]] if rule.action in acting else []
    return floors if rule.floor is None else [*floors, Decimal(repr(rule.floor))]
