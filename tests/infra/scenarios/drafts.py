"""Scenario documents and responses for these tests."""

from collections.abc import Mapping
from typing import Any, Final

from infra.scenarios.format import Scenario, scenarios
from infra.scenarios.judge import EngineResponse
from risksentinel.domain.verdict import Decision

PAYMENT: Final[Mapping[str, Any]] = {
    "sender_id": "PAYER",
    "receiver_id": "SHOP-{n%3}",
    "amount_zar": ["10.00", "20.00"],
    "channel": "pos",
}


def step(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A step of a file, valid except for the given changes."""
    return {"what": "a step", "payment": dict(PAYMENT), **changes}


def draft(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A scenario of a file, valid except for the given changes."""
    return {
        "name": "a-name",
        "kind": "genuine",
        "what": "what happens",
        "start": "2025-03-31T10:00:00",
        "steps": list(steps) or [step(times=4, expect={"at_most": 0})],
        **changes,
    }


def scenario(*steps: dict[str, Any], **changes: Any) -> Scenario:  # noqa: ANN401 - any JSON
    """The scenario as a validated value."""
    (found,) = scenarios([draft(*steps, **changes)])
    return found


def answers(decisions: str, **same: Any) -> list[EngineResponse]:  # noqa: ANN401 - any field
    """Responses by letter: a is approve, r review, d decline."""
    of = {"a": Decision.APPROVE, "r": Decision.REVIEW, "d": Decision.DECLINE}
    return [EngineResponse(of[letter], **same) for letter in decisions]
