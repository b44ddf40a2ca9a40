"""score: facts -> verdict."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from risksentinel.domain.signal import Reading
from risksentinel.domain.statutory_report import reports_due
from risksentinel.domain.verdict import DECISIONS, Decision, RiskLevel, Verdict
from risksentinel.scoring.basis import basis_of
from risksentinel.scoring.escalations import escalated
from risksentinel.scoring.escalations.escalation import Escalation, Grounds
from risksentinel.scoring.escalations.rules import approving
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.fuse import Fusion, fuse
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.receipt import Decided, receipt
from risksentinel.scoring.signals import SIGNALS

MAX_REASONS: Final = 8


def score(facts: Facts, policy: Policy, at: datetime) -> Verdict:
    """Return the verdict of one payment; the same facts give the same verdict.

    The signals give the composite, escalations lift it, and the level of the result gives the
    decision. If an approving rule fired and no declining one, the decision is to approve, whatever
    the level is, and no alert is raised.
    """
    decided = decide(facts, policy, at)
    basis = basis_of(facts.rules, policy)
    return Verdict(
        transaction_id=facts.transaction.id,
        score=decided.total,
        risk_level=decided.level,
        decision=decided.decision,
        reasons=decided.reasons,
        alert=raises_alert(decided, policy),
        explanation=receipt(facts, policy, decided, basis, at),
        scored_at=at,
        reports=reports_due(facts.transaction),
        basis=basis,
    )


def decide(facts: Facts, policy: Policy, at: datetime) -> Decided:
    """Return the score, the level and the decision, without a receipt."""
    fusion = fuse({name: signal.opinion(facts, policy) for name, signal in SIGNALS.items()}, policy)
    grounds = Grounds.of(facts, fusion.opinions, policy, at)
    total, escalations = escalated(fusion.composite, grounds)
    level, approved_by = _level(total, policy), approving(grounds)
    decision = DECISIONS[level] if approved_by is None else Decision.APPROVE
    reasons = _reasons(fusion, escalations)
    return Decided(fusion, escalations, total, level, decision, approved_by, reasons)


def raises_alert(decided: Decided, policy: Policy) -> bool:
    """Return whether an alert is raised: at the threshold or above, unless a rule approves."""
    return decided.approved_by is None and decided.total >= policy.alert_threshold


def _level(total: Decimal, policy: Policy) -> RiskLevel:
    if total >= policy.critical:
        return RiskLevel.CRITICAL
    if total >= policy.high:
        return RiskLevel.HIGH
    return RiskLevel.MEDIUM if total >= policy.medium else RiskLevel.LOW


def _reasons(fusion: Fusion, escalations: tuple[Escalation, ...]) -> tuple[str, ...]:
    """Return at most MAX_REASONS reasons, each once.

    First those of the escalations, from the highest floor down; then those of the signals, from the
    largest contribution down.
    """
    first = [each.words for each in reversed(escalations)]
    weightiest = sorted(fusion.shares, key=lambda name: -fusion.shares[name].contribution)
    found = [
        reason
        for name in weightiest
        if isinstance(said := fusion.opinions[name], Reading) and fusion.shares[name].contribution
        for reason in said.reasons
    ]
    return tuple(dict.fromkeys([*first, *found]))[:MAX_REASONS]
