"""Compares the responses to a step with its expectations, and describes each violation."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from infra.scenarios.format import Expect
from risksentinel.domain.verdict import Decision

RANK: Final = MappingProxyType({Decision.APPROVE: 0, Decision.REVIEW: 1, Decision.DECLINE: 2})
_SHOWN: Final = 6  # number of first decisions in a violation's text


@dataclass(frozen=True, slots=True)
class EngineResponse:
    """The decision on one payment; `reports` are those of its receipt, None if not read."""

    decision: Decision
    reports: frozenset[str] | None = None
    alert_id: str | None = None
    score: str = ""
    reasons: tuple[str, ...] = ()


EngineResponses = Sequence[EngineResponse]


def violations(expect: Expect, answers: EngineResponses) -> list[str]:
    """Return a sentence for each expectation that is not met."""
    judged = [EXPECTATIONS[name](answers, value) for name, value in expect.stated.items()]
    return [violation for violation in judged if violation is not None]


def _all(answers: EngineResponses, least: Decision) -> str | None:
    held = all(RANK[answer.decision] >= RANK[least] for answer in answers)
    return None if held else f"each must be at least {least}: {_tally(answers)}"


def _from(least: Decision) -> Callable[[EngineResponses, int], str | None]:
    def judged(answers: EngineResponses, number: int) -> str | None:
        if _all(answers[number - 1 :], least) is None:
            return None
        return f"must be at least {least} from payment {number} on: {_tally(answers)}"

    return judged


def _review_once_by(answers: EngineResponses, number: int) -> str | None:
    if any(RANK[answer.decision] > 0 for answer in answers[:number]):
        return None
    return f"one of the first {number} must be in review or declined: {_tally(answers)}"


def _never(answers: EngineResponses, decision: Decision) -> str | None:
    held = all(RANK[answer.decision] < RANK[decision] for answer in answers)
    return None if held else f"none may be {decision} or worse: {_tally(answers)}"


def _at_most(answers: EngineResponses, number: int) -> str | None:
    stopped = sum(RANK[answer.decision] > 0 for answer in answers)
    if stopped <= number:
        return None
    return f"at most {number} may be stopped, but {stopped} are: {_tally(answers)}"


def _reports(answers: EngineResponses, names: Sequence[str]) -> str | None:
    missing = sum(not set(names) <= (answer.reports or frozenset()) for answer in answers)
    if not missing:
        return None
    return f"{', '.join(names)} must be reported: missing in {missing} of {len(answers)} answers"


def _no_reports(answers: EngineResponses, _: bool) -> str | None:  # noqa: FBT001 - always True
    if any(answer.reports is None for answer in answers):
        return "no report may be due: no receipt was read"
    more = sum(bool(answer.reports) for answer in answers)
    return f"no report may be due: {more} of {len(answers)} answers name one" if more else None


def _no_alerts(answers: EngineResponses, _: bool) -> str | None:  # noqa: FBT001 - always True
    alerts = sum(answer.alert_id is not None for answer in answers)
    return f"no alert may be raised: {alerts} of {len(answers)} raised one" if alerts else None


def _tally(answers: EngineResponses) -> str:
    counted = Counter(answer.decision for answer in answers)
    counts = ", ".join(f"{counted[decision]} {decision}" for decision in Decision)
    first = " ".join(answer.decision for answer in answers[:_SHOWN])
    return f"{counts} (first: {first})"


EXPECTATIONS: Final[Mapping[str, Callable[[EngineResponses, Any], str | None]]] = MappingProxyType(
    {
        "all": _all,
        "review_by": _from(Decision.REVIEW),
        "decline_by": _from(Decision.DECLINE),
        "review_once_by": _review_once_by,
        "never": _never,
        "at_most": _at_most,
        "reports": _reports,
        "no_reports": _no_reports,
        "no_alerts": _no_alerts,
    }
)
