"""Plays scenarios one after another, and keeps what each of them showed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from infra.scenarios.format import Scenario, ScenarioStep
from infra.scenarios.judge import EngineResponse, faults
from infra.scenarios.play import payments
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected

Heard = Callable[[dict[str, Any], EngineResponse], None]


class PaymentEngine(Protocol):
    """What a scenario is played against."""

    def pay(self, payment: dict[str, Any]) -> EngineResponse:
        """Send one payment. Raises Rejected, Unavailable."""

    def clear(self, payment_id: str, at: str) -> None:
        """Say that a payment in review is genuine. Raises Rejected, Unavailable."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario and what did not hold; nothing where all of it held."""

    scenario: Scenario
    faults: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether every expectation held."""
        return not self.faults


def play(engine: PaymentEngine, scenario: Scenario, suffix: str, heard: Heard) -> ScenarioResult:
    """Send every payment of a scenario in order; `heard` gets each one with its answer.

    A payment that the engine refuses ends the scenario: the rest would judge something else.
    Raises Unavailable where the engine does not answer.
    """
    found = list[str]()
    for number, (step, stated) in enumerate(
        zip(scenario.steps, payments(scenario, suffix), strict=True)
    ):
        where = f"step {number + 1}, {step.what}"
        answers = list[EngineResponse]()
        for payment in stated:
            try:
                answers.append(engine.pay(payment))
            except Rejected as refused:
                return ScenarioResult(scenario, (*found, f"{where}: refused: {refused}"))
            heard(payment, answers[-1])
        found += [f"{where}: {fault}" for fault in faults(step.expect, answers)]
        for payment in _to_clear(step, stated, answers):
            engine.clear(payment["id"], stated[-1]["occurred_at"])
    return ScenarioResult(scenario, tuple(found))


def _to_clear(
    step: ScenarioStep, stated: Sequence[dict[str, Any]], answers: Sequence[EngineResponse]
) -> Iterator[dict[str, Any]]:
    for payment, answer in zip(stated, answers, strict=True):
        if step.cleared and answer.decision is Decision.REVIEW:
            yield payment
