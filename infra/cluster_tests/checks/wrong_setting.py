"""Checks a revision with wrong values in the ConfigMap."""

from collections.abc import Iterator

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.faulty import refused


def check(bench: Bench) -> Iterator[CheckResult]:
    """Set two wrong values, and expect one log line that names both."""
    wrong = {"RISK_SCORE_HIGH": "banana", "ML_WEIGHT": "7"}
    overlay = bench.deployment.overlay.with_settings(**wrong)
    yield from refused(
        bench,
        "a wrong setting: never Ready, and one line names it",
        overlay,
        "ingest",
        list(wrong),
    )
