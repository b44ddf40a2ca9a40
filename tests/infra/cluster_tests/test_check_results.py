from collections.abc import Iterator
from typing import cast

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult, results_of
from infra.cluster_tests.checks import CHECKS
from infra.cluster_tests.memory import MEBIBYTE, containers

NO_BENCH = cast("Bench", None)


def breaks(_bench: Bench) -> Iterator[CheckResult]:
    """A check that comes half-way."""
    yield CheckResult("the first half", passed=True, measured="")
    raise TimeoutError("no pod came")


def test_a_check_that_breaks_is_a_promise_that_is_not_kept() -> None:
    """An error that ended all would hide what the others find; one that is hidden, itself."""
    first, second = results_of(breaks, NO_BENCH)

    assert first.passed
    assert not second.passed
    assert "no pod came" in second.measured


def test_what_all_others_need_comes_first() -> None:
    """Until every Service is Ready nothing else can be asked."""
    assert next(iter(CHECKS)) == "deployed"


def test_only_our_containers_that_ran_are_weighed() -> None:
    """The kubelet tells of Knative's own too, and of those that have ended."""
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
