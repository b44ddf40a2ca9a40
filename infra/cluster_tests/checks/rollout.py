"""Checks the rollout of a changed setting under load."""

from collections.abc import Iterator

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.payments import load
from infra.cluster_tests.queued import lost


def check(bench: Bench) -> Iterator[CheckResult]:
    """Send payments until no pod of the old revision is left, because draining may fail late."""
    before = bench.deployment.service("ingest")["status"]["latestReadyRevisionName"]
    with load("rollout", bench.ingress.pay) as tally:
        bench.pods.await_(lambda: bool(tally.accepted), 30, "a first payment")
        bench.deployment.apply(bench.deployment.overlay.with_settings(VELOCITY_MAX_TXN_COUNT="11"))
        ready = bench.deployment.await_ready()
        gone = bench.pods.await_(
            lambda: all(each.revision != before for each in bench.pods.of("ingest")),
            120,
            f"the end of {before}",
        )
    after = bench.deployment.service("ingest")["status"]["latestReadyRevisionName"]
    missing = lost(bench, tally)
    yield CheckResult(
        "a new revision under load: no payment fails, none is lost",
        passed=not tally.failures and not missing and before != after,
        measured=f"{tally.in_words}; {len(missing)} lost; {before} to {after}: all five Ready in "
        f"{ready:.1f} s, the old one's pods gone {gone:.0f} s later",
    )
