"""Checks that idle functions scale to zero pods."""

from collections.abc import Iterator

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.payments import payment


def check(bench: Bench) -> Iterator[CheckResult]:
    """Measure from the last response until no pod is left."""
    bench.ingress.pay(payment("resting", 0))
    ending = bench.pods.await_(
        lambda: all(each.ending for name in NAMES for each in bench.pods.of(name)), 120, "rest"
    )
    gone = ending + bench.pods.await_none(*NAMES)
    yield CheckResult(
        "idle functions go back to zero pods",
        passed=True,
        measured=f"terminating {ending:.0f} s after the last answer, gone after {gone:.0f} s",
    )
