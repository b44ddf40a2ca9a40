"""Checks that the functions log in as a user that cannot change the ledger."""

from collections.abc import Iterator
from typing import Final, LiteralString

import psycopg

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.payments import payment
from infra.cluster_tests.servers import FUNCTIONS_USER

_OWNERS: Final = "database-owner"  # a Secret
_LOGINS: Final = (
    "SELECT DISTINCT usename, application_name FROM pg_stat_activity"
    " WHERE application_name LIKE 'risksentinel%'"
)
_CHANGES: Final[tuple[LiteralString, ...]] = (
    "UPDATE audit_log SET actor = 'another'",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
    "UPDATE risk_scores SET decision = 'approve'",
    "DELETE FROM labels",
    "ALTER TABLE audit_log DISABLE TRIGGER ALL",
    "CREATE TABLE mine (id int)",
)


def check(bench: Bench) -> Iterator[CheckResult]:
    """Let each function connect; then use the URL of its Secret as a function taken over could."""
    paid = bench.ingress.pay(payment("database-users", 0))
    for name in NAMES:
        bench.ingress.call(name, "GET", "/health/readiness")
    rows = bench.records.rows(_LOGINS)
    users = {user for user, application in rows}
    yield CheckResult(
        "each function is logged in as the functions' user, and none as the owner",
        passed=paid.ok and users == {FUNCTIONS_USER},
        measured=f"payment {paid.status}; {', '.join(sorted(f'{u}: {a}' for u, a in rows))}",
    )
    yield _without_the_owners_secret(bench)
    yield _refused(bench)


def _without_the_owners_secret(bench: Bench) -> CheckResult:
    having = [
        pod.name
        for name in NAMES
        for pod in bench.pods.of(name)
        if _OWNERS in str(pod.object["spec"])
    ]
    return CheckResult(
        "no pod of a function has the owner's Secret",
        passed=not having,
        measured=", ".join(having) or "none",
    )


def _refused(bench: Bench) -> CheckResult:
    url = bench.deployment.overlay.variables["DATABASE_URL"].replace("+psycopg", "")
    done: list[str] = []
    for statement in _CHANGES:
        try:
            with psycopg.connect(url) as connection:
                connection.execute(statement)
                connection.rollback()
            done.append(statement)
        except psycopg.errors.InsufficientPrivilege:
            continue
    return CheckResult(
        "the functions' user changes neither the ledger nor the schema",
        passed=not done,
        measured=f"permitted: {'; '.join(done)}" if done else f"{len(_CHANGES)} statements refused",
    )
