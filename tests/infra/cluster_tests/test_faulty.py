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
from infra.cluster_tests.faulty import errors_in, in_one
from infra.cluster_tests.payments import LoadResult
from infra.cluster_tests.tools import ClusterFailed

HIGH = "RISK_SCORE_HIGH must be a number"
WEIGHT = "ML_WEIGHT must be less than or equal to 1"
BOTH = f"risksentinel: {HIGH}; {WEIGHT}"
WORDS = ["RISK_SCORE_HIGH", "ML_WEIGHT"]
MIGRATE = "the database is not migrated: run `risksentinel migrate`"


def own(event: str, level: str, reason: str, second: int) -> str:
    """A structured log line of a function."""
    at = f"2026-03-02T05:00:{second:02}Z"
    return json.dumps({"reason": reason, "event": event, "level": level, "timestamp": at})


@pytest.fixture(autouse=True)
def _no_payments(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def load(*_: object, **__: object) -> Iterator[LoadResult]:
        yield LoadResult(accepted=["one"])

    monkeypatch.setattr(faulty, "load", load)


def bench(*logs: str, ready: str = "ingest-1") -> Bench:
    """A bench whose new revision fails; its log changes with each reading."""
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
    """Return the result on the revision; the second is on the payments."""
    of_revision, meanwhile = found

    assert meanwhile.passed
    return of_revision


def test_one_line_that_names_both_faults_passes() -> None:
    """The line is repeated with each restart of the container, and counts once."""
    outcome = first(wrong_setting.check(bench(BOTH, f"{BOTH}\n{BOTH}")))

    assert outcome.passed
    assert BOTH in outcome.measured


@pytest.mark.parametrize("log", [HIGH, WEIGHT, f"{HIGH}\n{WEIGHT}", f"{BOTH}\n{HIGH}"])
def test_a_line_that_names_one_of_two_faults_fails(log: str) -> None:
    """An error that names one of two faults fails, because the operator needs two rollouts."""
    assert not first(wrong_setting.check(bench(log))).passed


def test_a_different_later_error_counts() -> None:
    """Later, different errors count too."""
    assert not first(wrong_setting.check(bench(BOTH, HIGH))).passed


def test_a_faulty_revision_that_becomes_ready_fails() -> None:
    """A faulty revision that becomes ready fails the check."""
    assert not first(wrong_setting.check(bench(BOTH, ready="ingest-2"))).passed


def test_a_revision_without_an_error_message_fails() -> None:
    """A revision without an error message fails the check."""
    with pytest.raises(TimeoutError):
        list(wrong_setting.check(bench("[INFO] gunicorn prints another text")))


def test_the_same_error_at_each_probe_counts_once() -> None:
    """The same error at each probe counts once."""
    log = "\n".join(
        line
        for second in range(3)
        for line in (
            own("function.not_wired", "error", MIGRATE, second),
            own("request.postponed", "warning", f"the function is not ready: {MIGRATE}", second),
        )
    )

    assert first(not_migrated.check(bench(log))).passed
    assert errors_in(log, ["migrate"]) == {f"function.not_wired: {MIGRATE}"}


def test_no_error_is_not_one_error() -> None:
    """No error is not one error."""
    assert not in_one(errors_in("", WORDS), WORDS)
