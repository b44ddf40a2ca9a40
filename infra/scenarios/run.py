"""Plays one scenario against an engine, and collects the violated expectations."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from infra.scenarios.format import Scenario, ScenarioStep
from infra.scenarios.judge import EngineResponse, violations
from infra.scenarios.play import payments
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected

Heard = Callable[[dict[str, Any], EngineResponse], None]


class PaymentEngine(Protocol):
    """The engine that a scenario is played against."""

    def pay(self, payment: dict[str, Any]) -> EngineResponse:
        """Send one payment. Raises Rejected, Unavailable."""

    def reports(self, payment_id: str) -> frozenset[str]:
        """Return the kinds of report that the receipt names. Raises Rejected, Unavailable."""

    def clear(self, payment_id: str, at: str) -> None:
        """Label a payment in review as genuine. Raises Rejected, Unavailable."""


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario, and its violated expectations."""

    scenario: Scenario
    violations: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.violations


def play(engine: PaymentEngine, scenario: Scenario, suffix: str, heard: Heard) -> ScenarioResult:
    """Send the payments of a scenario in order; `heard` is called with each one and its response.

    A payment that the engine rejects ends the scenario, because later steps depend on it.
    Raises Unavailable if the engine does not answer.
    """
    found = list[str]()
    for number, (step, stated) in enumerate(
        zip(scenario.steps, payments(scenario, suffix), strict=True)
    ):
        where = f"step {number + 1}, {step.what}"
        answers = list[EngineResponse]()
        for payment in stated:
            try:
                answers.append(_with_reports(engine, step, payment["id"], engine.pay(payment)))
            except Rejected as refused:
                return ScenarioResult(scenario, (*found, f"{where}: rejected: {refused}"))
            heard(payment, answers[-1])
        found += [f"{where}: {violation}" for violation in violations(step.expect, answers)]
        for payment in _to_clear(step, stated, answers):
            engine.clear(payment["id"], stated[-1]["occurred_at"])
    return ScenarioResult(scenario, tuple(found))


def _with_reports(
    engine: PaymentEngine, step: ScenarioStep, payment_id: str, answer: EngineResponse
) -> EngineResponse:
    """Add the reports, which the answer does not name, where the scenario asks for them."""
    if step.expect.reports is None and step.expect.no_reports is None:
        return answer
    return replace(answer, reports=engine.reports(payment_id))


def _to_clear(
    step: ScenarioStep, stated: Sequence[dict[str, Any]], answers: Sequence[EngineResponse]
) -> Iterator[dict[str, Any]]:
    for payment, answer in zip(stated, answers, strict=True):
        if step.cleared and answer.decision is Decision.REVIEW:
            yield payment
