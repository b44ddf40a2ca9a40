"""The actions of rules: flag, review, decline, approve."""

import pytest
from hypothesis import given

from risksentinel.domain.money import Money
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Action, Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.scoring.test_score import all_facts
from tests.strategies import NOW, policies

SILENT = Silent("away")
EXAMPLE = Transaction("t", "A", "B", Money.of_cents(100), Channel.POS, NOW)
FIRES = {"field": "amount_zar", "operator": "gte", "value": 0}


def acting(action: Action, weight: float = 0.0) -> Rule:
    """Return a rule that always fires, with this action."""
    document = {
        "name": f"{action} always",
        "condition": FIRES,
        "weight": weight,
        "severity": "low",
        "action": action.value,
    }
    return parse_rule(document, rule_id=action.value, version=3, created_at=NOW, updated_at=NOW)


def with_rules(facts: Facts, *rules: Rule) -> Facts:
    """Return the verdict of the same payment with other rules."""
    return Facts(facts.transaction, facts.history, rules, facts.model)


@given(all_facts(), policies())
def test_a_rule_that_reviews_is_never_approved(facts: Facts, policy: Policy) -> None:
    """Low signals must not outweigh the review."""
    verdict = score(with_rules(facts, acting(Action.REVIEW)), policy, NOW)

    assert verdict.score >= policy.high
    assert verdict.decision is not Decision.APPROVE


@given(all_facts(), policies())
def test_a_rule_that_declines_declines(facts: Facts, policy: Policy) -> None:
    """A decline takes precedence over all signals and over approving rules."""
    rules = (acting(Action.DECLINE), acting(Action.APPROVE), acting(Action.REVIEW))

    verdict = score(with_rules(facts, *rules), policy, NOW)

    assert verdict.decision is Decision.DECLINE
    assert verdict.explanation["approved_by"] is None


@given(all_facts(), policies())
def test_approve_takes_precedence_over_scores_and_reviews(facts: Facts, policy: Policy) -> None:
    """An allow-list rule keeps the score and its reasons, and raises no alert."""
    rules = (acting(Action.REVIEW, weight=1.0), acting(Action.APPROVE))

    verdict = score(with_rules(facts, *rules), policy, NOW)

    assert verdict.decision is Decision.APPROVE
    assert verdict.explanation["approved_by"] == "approve@3"
    assert verdict.score >= policy.high
    assert not verdict.alert


@given(all_facts(), policies())
def test_a_flag_only_adds_to_the_score(facts: Facts, policy: Policy) -> None:
    """A flag has only its weight."""
    verdict = score(with_rules(facts, acting(Action.FLAG)), policy, NOW)

    names = {each["name"] for each in verdict.explanation["escalations"]}
    assert not names & {"rule_review", "rule_decline", "rule_floor"}
    assert verdict.explanation["approved_by"] is None


@pytest.mark.parametrize(
    ("action", "alerts"),
    [(Action.FLAG, False), (Action.REVIEW, True), (Action.DECLINE, True), (Action.APPROVE, False)],
)
def test_which_actions_raise_an_alert(action: Action, alerts: bool) -> None:  # noqa: FBT001 - a case
    """Reviews and declines raise alerts, approvals raise none."""
    calm = Facts(EXAMPLE, SILENT, (acting(action),), SILENT)

    assert score(calm, Policy(), NOW).alert is alerts
