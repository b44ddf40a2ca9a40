from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from rich.console import Console

from infra.scenarios.judge import EngineResponse
from infra.scenarios.run import ScenarioResult, play
from infra.scenarios.table import show, summed
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Rejected
from tests.infra.scenarios.drafts import answers, scenario, step


@dataclass
class Scripted:
    """An engine with scripted decisions: a, r, d, or x for a rejection."""

    script: str
    cleared: list[tuple[str, str]] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)

    def pay(self, payment: dict[str, Any]) -> EngineResponse:
        """Return the next scripted decision."""
        letter = self.script[len(self.paid)]
        self.paid.append(payment["id"])
        if letter == "x":
            raise Rejected("422 amount_zar must be text")
        return answers(letter)[0]

    def reports(self, payment_id: str) -> frozenset[str]:
        """Return a report for each payment that was sent."""
        return frozenset({"CTR"} if payment_id in self.paid else ())

    def clear(self, payment_id: str, at: str) -> None:
        """Record the call."""
        self.cleared.append((payment_id, at))


def unheard(_payment: dict[str, Any], _answer: EngineResponse) -> None:
    """Do nothing."""


def test_a_scenario_passes_if_all_its_expectations_are_met() -> None:
    """The payments are sent in order, each once."""
    engine = Scripted("aarr")
    one = scenario(
        step(times=2, expect={"never": "review"}), step(times=2, expect={"all": "review"})
    )

    outcome = play(engine, one, ".x", unheard)

    assert outcome.passed
    assert engine.paid == [f"a-name.{number}.{n}.x" for number in (0, 1) for n in (0, 1)]


def test_a_violation_names_its_step() -> None:
    """All steps are evaluated, also after a violation."""
    one = scenario(step(expect={"never": "review"}), step(expect={"all": "review"}))

    outcome = play(Scripted("ra"), one, ".x", unheard)

    assert [fault.split(":")[0] for fault in outcome.violations] == [
        "step 1, a step",
        "step 2, a step",
    ]


def test_a_rejected_payment_fails_the_scenario() -> None:
    """A rejected payment is a violation: the engine made no decision on the fraud."""
    engine = Scripted("ax")

    outcome = play(engine, scenario(step(times=3, expect={"at_most": 2})), ".x", unheard)

    assert outcome.violations == ("step 1, a step: rejected: 422 amount_zar must be text",)
    assert len(engine.paid) == 2


def test_reviewed_payments_are_cleared_at_the_end_of_the_step() -> None:
    """Only reviewed payments are labelled as genuine."""
    engine = Scripted("ardr")
    one = scenario(step(times=4, every="1h", cleared=True, expect={"at_most": 3}))

    play(engine, one, ".x", unheard)

    at = "2025-03-31T13:00:00+02:00"
    assert engine.cleared == [("a-name.0.1.x", at), ("a-name.0.3.x", at)]


def test_every_payment_is_passed_on_with_its_response() -> None:
    """--verbose prints each payment with its response."""
    heard = list[tuple[str, Decision]]()

    play(
        Scripted("ad"),
        scenario(step(times=2, expect={"at_most": 1})),
        ".x",
        lambda payment, answer: heard.append((payment["id"], answer.decision)),
    )

    assert heard == [("a-name.0.0.x", Decision.APPROVE), ("a-name.0.1.x", Decision.DECLINE)]


def test_the_table_has_a_column_for_each_engine_and_each_violation_once() -> None:
    """A violation on both engines is printed once."""
    fraud = scenario(name="a-fraud", kind="fraud")
    fell, held = ScenarioResult(fraud, ("step 1: [fault]",)), ScenarioResult(scenario(), ())
    console = Console(width=120, file=StringIO())

    with console.capture() as captured:
        show(console, {"no model": [fell, held], "model": [fell, held]})

    printed = captured.get()
    assert printed.count("FAILED no model and model: a-fraud: step 1: [fault]") == 1
    assert printed.count("fraud stopped 0 of 1, genuine left alone 1 of 1") == 2


def test_the_totals_count_both_kinds() -> None:
    """Missed frauds and stopped genuine payments are counted separately."""
    fraud = scenario(kind="fraud")

    outcomes = [
        ScenarioResult(fraud, ()),
        ScenarioResult(fraud, ("x",)),
        ScenarioResult(scenario(), ("x",)),
    ]
    assert summed(outcomes) == "fraud stopped 1 of 2, genuine left alone 0 of 1"
