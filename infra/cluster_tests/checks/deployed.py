"""Checks that the cluster accepts knative/base and that everything becomes ready."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import MIGRATE
from infra.cluster_tests.overlay import NAMESPACE, built_of
from infra.cluster_tests.servers import publish_model
from infra.cluster_tests.tools import ClusterFailed
from risksentinel.rules.defaults import DEFAULT_RULES

_ROUTINE: Final = "partitions"
_PRIVILEGED: Final = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "privileged", "namespace": NAMESPACE},
    "spec": {"containers": [{"name": "any", "image": "dev.local/any:1"}]},
}


def check(bench: Bench) -> Iterator[CheckResult]:
    """Check the Job and the Services first, because all other checks need them."""
    deployment = bench.deployment
    yield _accepted(bench)
    waited = deployment.await_job(MIGRATE)
    rules = bench.records.count("SELECT count(*) FROM fraud_rules")
    yield CheckResult(
        "the Job migrates and seeds",
        passed=rules == len(DEFAULT_RULES),
        measured=f"done after {waited:.1f} s, {rules} default rules",
    )
    waited = deployment.await_ready()
    yield CheckResult("every Service is Ready", passed=True, measured=f"{waited:.1f} s later")
    promoted = publish_model(bench.connections)
    yield CheckResult("a model is trained, published and promoted", passed=True, measured=promoted)
    yield _routine(bench)
    yield _refused(bench)
    yield from _overlays(bench)


def _accepted(bench: Bench) -> CheckResult:
    kinds = Counter(each["kind"] for each in bench.deployment.skipped)
    skipped = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    there = len(bench.deployment.objects) - kinds.total()
    return CheckResult(
        "the API server accepts the base with strict validation",
        passed=there > 0,
        measured=f"{there} objects; kinds that this cluster does not have: {skipped}",
    )


def _routine(bench: Bench) -> CheckResult:
    """Run the CronJob's job now instead of at night."""
    name = f"{_ROUTINE}-now"
    create = ("create", "job", name, f"--from=cronjob/{_ROUTINE}")
    bench.deployment.tools.kubectl("--namespace", NAMESPACE, *create)
    waited = bench.deployment.await_job(name)
    return CheckResult("the CronJob's job runs", passed=True, measured=f"done after {waited:.1f} s")


def _refused(bench: Bench) -> CheckResult:
    requirement = "a pod with more privileges is rejected"
    try:
        bench.deployment.would_take([_PRIVILEGED])
    except ClusterFailed as refusal:
        violation = str(refusal).partition("violates ")[2].partition(",")[0]
        return CheckResult(
            requirement, passed="restricted" in violation, measured=f"violates {violation}"
        )
    return CheckResult(requirement, passed=False, measured="it was accepted")


def _overlays(bench: Bench) -> Iterator[CheckResult]:
    for overlay in sorted(Path("knative/overlays").iterdir()):
        taken = bench.deployment.would_take(built_of(overlay))
        yield CheckResult(
            f"the API server accepts overlay {overlay.name}",
            passed=taken > 0,
            measured=f"{taken} objects, dry run",
        )
