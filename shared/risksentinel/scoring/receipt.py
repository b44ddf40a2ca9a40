"""The receipt: everything that a score came from, as plain JSON."""

from datetime import datetime
from typing import Any

from risksentinel.domain.moments import rfc3339
from risksentinel.domain.signal import Opinion, Reading
from risksentinel.domain.statutory_report import StatutoryReport, reports_due
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import DECISIONS, RiskLevel
from risksentinel.payment_formats.stated import stated
from risksentinel.scoring.fuse import Fusion, Share
from risksentinel.scoring.lift import Lift
from risksentinel.scoring.policy import Policy


def receipt(
    transaction: Transaction,
    policy: Policy,
    fusion: Fusion,
    level: RiskLevel,
    reasons: tuple[str, ...],
    at: datetime,
) -> dict[str, Any]:
    """From this alone the score can be computed again; money is text, scores are numbers."""
    return {
        "transaction_id": transaction.id,
        "score": float(fusion.score),
        "risk_level": level.value,
        "decision": DECISIONS[level].value,
        "reasons": list(reasons),
        "input": stated(transaction),
        "signals": {
            name: _signal(said, fusion.shares[name]) for name, said in fusion.opinions.items()
        },
        "lift": _lift(fusion.lift),
        "thresholds": {
            "high": float(policy.high),
            "critical": float(policy.critical),
            "alert": float(policy.alert_threshold),
        },
        "ml_weight": policy.ml_weight,
        "learnt_weights": policy.learnt_weights,
        "model": fusion.opinions["ml"].details.get("model"),
        "reports": [_report(report) for report in reports_due(transaction)],
        "scored_at": rfc3339(at),
    }


def _signal(said: Opinion, share: Share) -> dict[str, Any]:
    answers = isinstance(said, Reading)
    return {
        "status": "ok" if answers else "silent",
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


def _lift(lift: Lift | None) -> dict[str, Any] | None:
    if lift is None:
        return None
    return {
        "floor": float(lift.floor),
        "because": lift.because,
        "contribution": float(lift.contribution),
    }
