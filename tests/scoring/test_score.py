"""Every score can be recomputed from its explanation alone."""

import json
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from math import log10
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.scoring.rule_sets import rule_sets
from tests.strategies import NOW, policies, snapshots, transactions

SILENT = Silent("away")
risks = st.integers(0, 10**6).map(lambda value: value / 10**6)
learnt = st.sampled_from(
    [
        {},
        {"weights": {"rules": 0.01, "velocity": 0.01, "anomaly": 0.123457, "ml": 0.856543}},
        {"weights": {"rules": 1 / 3, "velocity": 1 / 3, "anomaly": 0.3233333, "ml": 0.01}},
    ]
)
opinions = st.just(SILENT) | st.builds(Reading, risks, st.just(("unusual",)), learnt)
BASE = {"rules": 0.35, "velocity": 0.33, "anomaly": 0.32}


@st.composite
def all_facts(draw: st.DrawFn) -> Facts:
    """Draw facts with each part known or silent."""
    history: Snapshot | Silent = draw(snapshots | st.just(SILENT))
    rules: tuple[Rule, ...] | Silent = draw(rule_sets | st.just(SILENT))
    model: Opinion = draw(opinions)
    payment: Transaction = draw(transactions)
    return Facts(payment, history, rules, model)


def _as_received(facts: Facts, policy: Policy) -> dict[str, Any]:
    """Return the explanation as decoded from JSON."""
    text = json.dumps(score(facts, policy, NOW).explanation)
    received: dict[str, Any] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return received


@given(all_facts(), policies())
def test_contributions_sum_to_the_score_to_the_last_digit(facts: Facts, policy: Policy) -> None:
    """The contributions in a receipt must sum to the score."""
    receipt = _as_received(facts, policy)

    parts = [signal["contribution"] for signal in receipt["signals"].values()]
    lifts = [escalation["lift"] for escalation in receipt["escalations"]]

    assert sum(parts) == receipt["composite"]
    assert receipt["composite"] + sum(lifts) == receipt["score"]
    assert all(lift > 0 for lift in lifts)
    assert 0 <= receipt["score"] <= 1


@given(all_facts(), policies())
def test_the_score_is_recomputed_from_the_explanation(facts: Facts, policy: Policy) -> None:
    """The explanation must be sufficient to verify a decision."""
    receipt = _as_received(facts, policy)

    again = _score_of(receipt)

    assert again == receipt["score"]
    assert score(facts, policy, NOW).score == again


@given(all_facts(), policies())
def test_level_decision_and_alert_follow_from_score_and_thresholds(
    facts: Facts, policy: Policy
) -> None:
    """A score at a threshold has the higher level."""
    verdict = score(facts, policy, NOW)

    level = RiskLevel.LOW
    for border, above in (
        (policy.medium, RiskLevel.MEDIUM),
        (policy.high, RiskLevel.HIGH),
        (policy.critical, RiskLevel.CRITICAL),
    ):
        level = above if verdict.score >= border else level
    decided = {
        RiskLevel.LOW: Decision.APPROVE,
        RiskLevel.MEDIUM: Decision.APPROVE,
        RiskLevel.HIGH: Decision.REVIEW,
        RiskLevel.CRITICAL: Decision.DECLINE,
    }[level]
    cleared = verdict.explanation["approved_by"] is not None
    assert verdict.risk_level is level
    assert verdict.decision is (Decision.APPROVE if cleared else decided)
    assert verdict.alert is (not cleared and verdict.score >= policy.alert_threshold)


@given(transactions, policies())
def test_a_payment_without_any_signal_is_not_low(payment: Transaction, policy: Policy) -> None:
    """A payment without any signal must be reviewed."""
    verdict = score(Facts(payment, SILENT, SILENT, SILENT), policy, NOW)

    assert verdict.score >= policy.high
    assert verdict.decision is not Decision.APPROVE
    assert verdict.reasons


@given(all_facts(), policies())
def test_a_silent_signal_has_no_weight_and_a_reason(facts: Facts, policy: Policy) -> None:
    """The weight of a silent signal goes to the answering ones."""
    signals = _as_received(facts, policy)["signals"]

    silent = [signal for signal in signals.values() if signal["status"] == "silent"]
    weights = [signal["weight"] for signal in signals.values()]

    assert all(s["score"] is None and s["contribution"] == 0 and s["reason"] for s in silent)
    assert sum(weights) == (0 if len(silent) == len(signals) else 1)


@given(all_facts(), policies())
def test_escalations_are_the_first_reasons(facts: Facts, policy: Policy) -> None:
    """POPIA requires the reason of an automated decision."""
    verdict = score(facts, policy, NOW)

    lifts = verdict.explanation["escalations"]

    reasons = list(dict.fromkeys(lift["reason"] for lift in reversed(lifts)))
    assert list(verdict.reasons[: len(reasons)]) == reasons


@given(all_facts(), policies())
def test_an_escalation_by_a_rule_names_a_rule_that_fired(facts: Facts, policy: Policy) -> None:
    """An analyst must find the rule that caused the decision."""
    explanation = score(facts, policy, NOW).explanation

    fired = explanation["signals"]["rules"]["details"].get("fired", [])
    named = {lift["because"] for lift in explanation["escalations"]} - {None}

    assert named <= {rule["rule"] for rule in fired}


def _score_of(receipt: dict[str, Any]) -> Decimal:
    risks_again = {name: _risk(name, signal) for name, signal in receipt["signals"].items()}
    weights = _weights(receipt, risks_again)
    total = sum(
        (
            (weights[name] * risk).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)
            for name, risk in risks_again.items()
            if risk is not None
        ),
        Decimal(0),
    )
    for escalation in receipt["escalations"]:
        total = _lifted(total, escalation["floor"], receipt["thresholds"])
    return total


def _lifted(total: Decimal, floor: Decimal, thresholds: dict[str, Decimal]) -> Decimal:
    places = Decimal("0.0001")
    floor = floor.quantize(places, ROUND_CEILING)
    borders = (thresholds["high"], thresholds["critical"], Decimal(1))
    top = next((border for border in borders if border > floor), Decimal(1))
    higher = (floor + (top - floor) * total / top).quantize(places, ROUND_DOWN)
    return total if total >= top else higher


def _risk(name: str, signal: dict[str, Any]) -> Decimal | None:
    if signal["status"] == "silent":
        return None
    details = signal["details"]
    if name == "rules":
        left = 1.0
        for rule in details["fired"]:
            left *= 1.0 - float(rule["weight"])
        found = 1.0 - left
    elif name == "velocity":
        found = float(details["count"]) / float(details["max_count"])
        if details["count"] > 1:  # a single payment has no velocity
            of_sum = Decimal(details["total_zar"]) / Decimal(details["max_total_zar"])
            found = max(found, float(of_sum))
        found = min(found, 1.0)
    elif name == "anomaly":
        amount, median = float(details["amount_zar"]), float(details["median_zar"])
        z = round((amount - median) / float(details["deviation_zar"]), 4)
        above = max(z, 0.0) ** 2
        found = above / (above + float(details["threshold"]) ** 2)
    else:
        found = min(1.0, -log10(max(1.0 - float(details["rank"]), 0.001)) / 3)
    return Decimal(repr(round(found, 6)))


def _weights(receipt: dict[str, Any], risks_again: dict[str, Decimal | None]) -> dict[str, Decimal]:
    share = float(receipt["ml_weight"])
    raw = {name: weight * (1 - share) for name, weight in BASE.items()} | {"ml": share}
    learnt_ones = receipt["signals"]["ml"]["details"].get("weights")
    if receipt["learnt_weights"] and learnt_ones:
        raw = {name: float(weight) for name, weight in learnt_ones.items()}
    raw = {name: weight for name, weight in raw.items() if risks_again[name] is not None}
    if sum(raw.values()) == 0:
        raw = {name: BASE[name] for name in raw}
    whole = sum(raw.values())
    exact = {name: weight / whole * 10_000 for name, weight in raw.items()}
    parts = {name: int(part) for name, part in exact.items()}
    short = 10_000 * bool(parts) - sum(parts.values())
    for name in sorted(parts, key=lambda name: parts[name] - exact[name])[:short]:
        parts[name] += 1
    return {name: Decimal(part).scaleb(-4) for name, part in parts.items()}
