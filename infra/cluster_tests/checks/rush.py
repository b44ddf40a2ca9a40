"""Sends 300 payments at the same time to a function with zero pods."""

from collections.abc import Iterator
from statistics import median

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.payments import at_once, payment

_PAYMENTS = 300


def check(bench: Bench) -> Iterator[CheckResult]:
    """Check that all payments are accepted, and scored once."""
    bench.pods.await_none("ingest")
    tally, answers = at_once(
        [payment("rush", number) for number in range(_PAYMENTS)], bench.ingress.pay
    )
    lost = bench.records.not_scored_once(tally.accepted)
    seconds = sorted(each.seconds for each in answers)
    yield CheckResult(
        f"{_PAYMENTS} payments at once during a cold start: none fails",
        passed=len(tally.accepted) == _PAYMENTS and not lost,
        measured=f"{tally.in_words}; median {median(seconds):.2f} s; {len(lost)} lost; "
        f"{len(bench.pods.of('ingest'))} pods",
    )
