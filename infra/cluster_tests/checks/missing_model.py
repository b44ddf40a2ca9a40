"""Checks that payments are scored without a model if the storage does not have it."""

from collections.abc import Iterator
from http import HTTPStatus

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.faulty import meanwhile
from infra.cluster_tests.payments import payment


def check(bench: Bench) -> Iterator[CheckResult]:
    """The bucket is not there either; the same payment with a model comes first."""
    yield _signal(bench, "ok", "with the model the signal takes part")
    without = bench.deployment.overlay.with_settings(MODEL_URI="s3://there-is-no-such-bucket")
    with meanwhile(bench, without):
        bench.deployment.await_ready()
        yield _signal(
            bench, "missing", "without the model payments are scored, and the receipt says so"
        )
        health = bench.ingress.call("ingest", "GET", "/health/readiness")
        found = health.json
        yield CheckResult(
            "without the model readiness is `degraded`, with status 200",
            passed=health.status == HTTPStatus.OK and found["status"] == "degraded",
            measured=f"{health.status} {found['status']}: {found['checks'].get('model')}",
        )


def _signal(bench: Bench, wanted: str, requirement: str) -> CheckResult:
    paid = payment("model", 0)
    answer = bench.ingress.pay(paid)
    receipt = bench.ingress.call("ingest", "GET", f"/api/v1/transactions/{paid['id']}/score").json
    signal = receipt["signals"]["ml"]
    detail = signal.get("reason") or (receipt.get("model") or {}).get("version")
    return CheckResult(
        requirement,
        passed=answer.status == HTTPStatus.CREATED and signal["status"] == wanted,
        measured=f"{answer.status}, ml {signal['status']}: {detail}",
    )
