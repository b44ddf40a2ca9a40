"""The receipt: all inputs and intermediate results of a score, as plain JSON."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from risksentinel.domain.basis import Basis
from risksentinel.domain.checked_value import checked_value
from risksentinel.domain.policy_version import names_version
from risksentinel.domain.signal import Opinion, Reading, status_of
from risksentinel.domain.statutory_report import StatutoryReport, reports_due
from risksentinel.domain.verdict import Decision, RiskLevel
from risksentinel.payment_formats import json_payment
from risksentinel.scoring.absent_sources import absent_sources
from risksentinel.scoring.escalations.escalation import Escalation
from risksentinel.scoring.escalations.lateness import is_late
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.fuse import Fusion, Share
from risksentinel.scoring.inputs import inputs_of
from risksentinel.scoring.policy import Policy
from risksentinel.text import rfc3339


@checked_value
class Decided:
    """The result of scoring: score, level, decision and reasons."""

    fusion: Fusion
    escalations: tuple[Escalation, ...]
    total: Decimal
    level: RiskLevel
    decision: Decision
    approved_by: str | None  # the approving rule as id@version
    reasons: tuple[str, ...]


def receipt(
    facts: Facts, policy: Policy, decided: Decided, basis: Basis, at: datetime
) -> dict[str, Any]:
    """Return the receipt, from which the score can be recomputed; money is text, scores numbers."""
    transaction = facts.transaction
    fusion = decided.fusion
    return {
        "transaction_id": transaction.id,
        "score": float(decided.total),
        "risk_level": decided.level.value,
        "decision": decided.decision.value,
        "approved_by": decided.approved_by,
        "reasons": list(decided.reasons),
        "input": json_payment.serialize(transaction),
        "signals": {
            name: _signal(said, fusion.shares[name]) for name, said in fusion.opinions.items()
        },
        "composite": float(fusion.composite),
        "escalations": [_escalation(each) for each in decided.escalations],
        "thresholds": {
            "medium": float(policy.medium),
            "high": float(policy.high),
            "critical": float(policy.critical),
            "alert": float(policy.alert_threshold),
        },
        "late": is_late(transaction, policy, at),
        "ml_weight": policy.ml_weight,
        "learnt_weights": policy.learnt_weights,
        "model": fusion.opinions["ml"].details.get("model"),
        **({} if policy.version is None else {"policy_version": policy.version}),
        **({"policy_model": policy.model} if names_version(policy.model) else {}),
        "basis": basis.digest,
        **({"decided_without": without} if (without := absent_sources(facts)) else {}),
        "inputs": inputs_of(facts),
        "reports": [_report(report) for report in reports_due(transaction)],
        "scored_at": rfc3339.to_text(at),
    }


def _signal(said: Opinion, share: Share) -> dict[str, Any]:
    return {
        "status": status_of(said),
        "score": said.risk if isinstance(said, Reading) else None,
        "weight": float(share.weight),
        "contribution": float(share.contribution),
        "reason": "; ".join(said.reasons) if isinstance(said, Reading) else said.reason,
        "details": said.details,
    }


def _report(report: StatutoryReport) -> dict[str, Any]:
    return {
        "kind": report.kind.value,
        "section": report.section,
        "threshold_zar": str(report.threshold),
        "due_on": report.due_on.isoformat(),
        "reason": report.reason,
    }


def _escalation(each: Escalation) -> dict[str, Any]:
    return {
        "name": each.name,
        "floor": float(each.floor),
        "lift": float(each.lift),
        "because": each.because,
        "reason": each.words,
    }
