"""Checks a database without a schema."""

from collections.abc import Iterator

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.faulty import refused

_DATABASE = "not_migrated"


def check(bench: Bench) -> Iterator[CheckResult]:
    """Set it for one function only: the shared Secret would affect the previous revision too."""
    url = bench.records.empty_database(_DATABASE)
    overlay = bench.deployment.overlay.with_own("ingest", DATABASE_URL=url)
    yield from refused(
        bench,
        "a database that is not migrated: never Ready, and the log names the command",
        overlay,
        "ingest",
        ["run `risksentinel migrate`"],
    )
