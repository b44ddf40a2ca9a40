"""score: facts in, verdict out."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from risksentinel.domain.signal import Reading
from risksentinel.domain.statutory_report import reports_due
from risksentinel.domain.verdict import DECISIONS, RiskLevel, Verdict
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.fuse import Fusion, fuse
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.receipt import receipt
from risksentinel.scoring.signals import SIGNALS

MOST_REASONS: Final = 8


def score(facts: Facts, policy: Policy, at: datetime) -> Verdict:
    """The verdict of one payment. Pure: the same facts give the same verdict."""
    fusion = fuse({name: signal.opinion(facts, policy) for name, signal in SIGNALS.items()}, policy)
    level = _level(fusion.score, policy)
    reasons = _reasons(fusion)
    return Verdict(
        transaction_id=facts.transaction.id,
        score=fusion.score,
        risk_level=level,
        decision=DECISIONS[level],
        reasons=reasons,
        alert=fusion.score >= policy.alert_threshold,
        explanation=receipt(facts.transaction, policy, fusion, level, reasons, at),
        scored_at=at,
        reports=reports_due(facts.transaction),
    )


def _level(total: Decimal, policy: Policy) -> RiskLevel:
    if total >= policy.critical:
        return RiskLevel.CRITICAL
    return RiskLevel.HIGH if total >= policy.high else RiskLevel.LOW


def _reasons(fusion: Fusion) -> tuple[str, ...]:
    """What decided first: a floor's rule, then the weightiest signals; who adds nothing is mute."""
    first = [] if fusion.lift is None else [fusion.lift.words]
    weightiest = sorted(fusion.shares, key=lambda name: -fusion.shares[name].contribution)
    found = [
        reason
        for name in weightiest
        if isinstance(said := fusion.opinions[name], Reading) and fusion.shares[name].contribution
        for reason in said.reasons
    ]
    return tuple(dict.fromkeys([*first, *found]))[:MOST_REASONS]
