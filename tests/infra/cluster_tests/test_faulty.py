import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.cluster_tests import faulty
from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.checks import not_migrated, wrong_setting
from infra.cluster_tests.faulty import complaints, in_one
from infra.cluster_tests.payments import LoadResult
from infra.cluster_tests.tools import ClusterFailed

HIGH = "RISK_SCORE_HIGH must be a number"
WEIGHT = "ML_WEIGHT must be less than or equal to 1"
BOTH = f"risksentinel: {HIGH}; {WEIGHT}"
WORDS = ["RISK_SCORE_HIGH", "ML_WEIGHT"]
MIGRATE = "the database is not migrated: run `risksentinel migrate`"


def own(event: str, level: str, reason: str, second: int) -> str:
    """A line of a function's own."""
    at = f"2026-03-02T05:00:{second:02}Z"
    return json.dumps({"reason": reason, "event": event, "level": level, "timestamp": at})


@pytest.fixture(autouse=True)
def _no_payments(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def load(*_: object, **__: object) -> Iterator[LoadResult]:
        yield LoadResult(accepted=["one"])

    monkeypatch.setattr(faulty, "load", load)


def bench(*logs: str, ready: str = "ingest-1") -> Bench:
    """One with a new revision that is given up; the log is another each time it is looked at."""
    looks = iter(logs)
    log = ""

    def read(_pod: object, *, previous: bool) -> str:
        if previous:
            raise ClusterFailed("no container ran before")
        return log

    def await_(wanted: Any, _seconds: float, what: str) -> float:  # noqa: ANN401 - a stand-in
        nonlocal log
        given_up = False
        for log in looks:  # noqa: B007 - what is read next
            given_up = wanted()
        if not given_up:
            raise TimeoutError(what)
        return 1.0

    names = [{"latestReadyRevisionName": "ingest-1"}]
    late = {"latestReadyRevisionName": ready, "latestCreatedRevisionName": "ingest-2"}
    condition = {"type": "Ready", "status": "False", "reason": "ExitCode1"}
    deployment = SimpleNamespace(
        overlay=SimpleNamespace(with_settings=lambda **_: None, with_own=lambda *_, **__: None),
        apply=lambda _: None,
        await_ready=lambda: None,
        service=lambda _: {"status": names.pop() if names else late},
        revision=lambda _: {"status": {"conditions": [condition]}},
    )
    pods = SimpleNamespace(
        of=lambda _: [SimpleNamespace(revision="ingest-2")], log=read, await_=await_
    )
    records = SimpleNamespace(empty_database=lambda _: "postgresql://other")
    made = SimpleNamespace(
        deployment=deployment, pods=pods, records=records, ingress=SimpleNamespace(pay=None)
    )
    return cast("Bench", made)


def first(found: Iterator[CheckResult]) -> CheckResult:
    """What is said of the revision, as the second is of the payments meanwhile."""
    of_revision, meanwhile = found

    assert meanwhile.passed
    return of_revision


def test_one_line_that_names_both_faults_is_what_was_promised() -> None:
    """It comes again each time the container is started again."""
    outcome = first(wrong_setting.check(bench(BOTH, f"{BOTH}\n{BOTH}")))

    assert outcome.passed
    assert BOTH in outcome.measured


@pytest.mark.parametrize("log", [HIGH, WEIGHT, f"{HIGH}\n{WEIGHT}", f"{BOTH}\n{HIGH}"])
def test_a_line_that_names_half_of_the_faults_is_not(log: str) -> None:
    """Whoever mends that one alone waits for a second rollout to fail."""
    assert not first(wrong_setting.check(bench(log))).passed


def test_what_is_said_differently_later_counts_too() -> None:
    """The first line alone cannot show that there is one."""
    assert not first(wrong_setting.check(bench(BOTH, HIGH))).passed


def test_a_revision_that_serves_although_it_complains_is_not_refused() -> None:
    """The old one was to stay."""
    assert not first(wrong_setting.check(bench(BOTH, ready="ingest-2"))).passed


def test_a_silent_revision_is_waited_for_in_vain() -> None:
    """An operator would have nothing to go by."""
    with pytest.raises(TimeoutError):
        list(wrong_setting.check(bench("[INFO] gunicorn speaks otherwise")))


def test_the_same_complaint_at_each_probe_is_one() -> None:
    """The function lives and is asked again and again; callers are answered with its reason."""
    log = "\n".join(
        line
        for second in range(3)
        for line in (
            own("function.not_wired", "error", MIGRATE, second),
            own("request.postponed", "warning", f"the function is not ready: {MIGRATE}", second),
        )
    )

    assert first(not_migrated.check(bench(log))).passed
    assert complaints(log, ["migrate"]) == {f"function.not_wired: {MIGRATE}"}


def test_nothing_is_not_one_complaint() -> None:
    """Silence must not pass for a promise that is kept."""
    assert not in_one(complaints("", WORDS), WORDS)
