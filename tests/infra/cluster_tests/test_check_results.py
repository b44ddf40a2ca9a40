from collections.abc import Iterator
from typing import cast

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult, results_of
from infra.cluster_tests.checks import CHECKS
from infra.cluster_tests.memory import MEBIBYTE, containers

NO_BENCH = cast("Bench", None)


def breaks(_bench: Bench) -> Iterator[CheckResult]:
    """A check that raises after its first result."""
    yield CheckResult("the first half", passed=True, measured="")
    raise TimeoutError("no pod came")


def test_a_check_that_raises_has_a_failed_result() -> None:
    """An exception is a failed result, and the next checks still run."""
    first, second = results_of(breaks, NO_BENCH)

    assert first.passed
    assert not second.passed
    assert "no pod came" in second.measured


def test_the_deployment_is_checked_first() -> None:
    """The check `deployed` is first, because the others need ready Services."""
    assert next(iter(CHECKS)) == "deployed"


def test_only_running_containers_of_the_namespace_are_measured() -> None:
    """Containers of Knative, and containers without memory, are not counted."""
    ours = {"name": "score", "memory": {"rssBytes": MEBIBYTE, "workingSetBytes": 2 * MEBIBYTE}}
    ended = {"name": "seed", "memory": {"rssBytes": 0, "workingSetBytes": 0}}
    summary = {
        "pods": [
            {"podRef": {"namespace": "risksentinel"}, "containers": [ours, ended]},
            {"podRef": {"namespace": "knative-serving"}, "containers": [ours]},
            {"podRef": {"namespace": "risksentinel"}},
        ]
    }

    assert [name for name, _ in containers(summary)] == ["score"]
