"""outcome_member: a decision with its score as a member of an event."""

from typing import Any

from risksentinel.domain.shadowed import Outcome


def outcome_member(outcome: Outcome) -> dict[str, Any]:
    """The decision, the score as a number, and whether an alert was or would be raised."""
    return {
        "decision": outcome.decision.value,
        "score": float(outcome.score),
        "alert": outcome.alert,
    }
