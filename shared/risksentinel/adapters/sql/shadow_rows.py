"""shadowed_row: a decision in shadow as a row."""

from typing import Any

from risksentinel.domain.shadowed import Shadowed


def shadowed_row(each: Shadowed) -> dict[str, Any]:
    """Every column of `shadow_decisions`."""
    return {
        "version": each.version,
        "revision": each.revision,
        "live_version": each.live_version,
        "transaction_id": each.transaction_id,
        "amount_zar": each.amount,
        "live_decision": each.live.decision.value,
        "live_score": each.live.score,
        "live_alert": each.live.alert,
        "decision": each.shadow.decision.value,
        "score": each.shadow.score,
        "alert": each.shadow.alert,
        "reasons": list(each.reasons),
        "scored_at": each.scored_at,
    }
