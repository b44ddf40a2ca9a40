"""Sends 300 payments at the same time to a function with zero pods."""

from collections.abc import Iterator
from statistics import median

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.payments import at_once, payment
from infra.cluster_tests.queued import lost

_PAYMENTS = 300


def check(bench: Bench) -> Iterator[CheckResult]:
    """Check that all payments are accepted, and scored once.

    An answer 503 of the engine says that the payment cannot be decided within the deadline; the
    caller repeats it.
    """
    bench.pods.await_none("ingest")
    tally, seconds = at_once(
        [payment("rush", number) for number in range(_PAYMENTS)], bench.ingress.pay
    )
    missing = lost(bench, tally)
    yield CheckResult(
        f"{_PAYMENTS} payments at once during a cold start: each is accepted, none is lost",
        passed=len(tally.accepted) == _PAYMENTS and not tally.failures and not missing,
        measured=f"{tally.in_words}; median {median(seconds):.2f} s; {len(missing)} lost; "
        f"{len(bench.pods.of('ingest'))} pods",
    )
