"""A Kafka source in a pod, which authenticates by a projected token of its service account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.one_pod import path_of, pod_of
from infra.cluster_tests.overlay import NAMESPACE, as_yaml
from infra.cluster_tests.payments import payment
from infra.cluster_tests.service_tokens import sender_settings
from risksentinel.events import transaction_received

_SCORED_WITHIN: Final = 60.0
_NAME: Final = "token-source"
_SINK: Final = f"http://score.{NAMESPACE}.svc.cluster.local/"


def scored_by_a_source(bench: Bench, account: str) -> CheckResult:
    """Accept a payment; the source sends it from Kafka to score, through the cluster's ingress."""
    paid = payment("token-source", 0)
    accepted = bench.ingress.pay(paid, Prefer="respond-async")
    began = monotonic()
    with _running(bench, _pod(bench, account)):
        while unscored := bench.records.not_scored_once([str(paid["id"])]):
            if monotonic() - began > _SCORED_WITHIN:
                break
            sleep(0.3)
    return CheckResult(
        "a source in a pod, with a projected token, has a payment of Kafka scored",
        passed=not unscored,
        measured=f"accepted with {accepted.status}, "
        f"{'not scored' if unscored else 'scored'} after {monotonic() - began:.1f} s",
    )


def _pod(bench: Bench, account: str) -> Mapping[str, Any]:
    audience = sender_settings()["EVENT_OIDC_AUDIENCE"]
    token = {"serviceAccountToken": {"path": "token", "audience": audience}}
    options = {
        "topic": transaction_received.TOPIC,
        "group": _NAME,
        "sink": _SINK,
        "batch-size": "1",
        "token-file": "/var/run/senders/token",
    }
    environ = {"KAFKA_BOOTSTRAP_SERVERS": bench.connections["KAFKA_BOOTSTRAP_SERVERS"]}
    return pod_of(
        bench,
        NAMESPACE,
        _NAME,
        ["python", "-m", "infra.kafka_source", *(f"--{k}={v}" for k, v in options.items())],
        serviceAccountName=account,
        automountServiceAccountToken=False,
        volumes=[
            {"name": "senders", "projected": {"sources": [token]}},
            {"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "16Mi"}},
        ],
        container={
            "env": [{"name": name, "value": value} for name, value in environ.items()],
            "volumeMounts": [
                {"name": "senders", "mountPath": "/var/run/senders", "readOnly": True},
                {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - in a container
            ],
        },
    )


@contextmanager
def _running(bench: Bench, pod: Mapping[str, Any]) -> Iterator[None]:
    bench.deployment.tools.kubectl("apply", "--filename", "-", given=as_yaml([pod]))
    try:
        yield
    finally:
        bench.api.delete(path_of(pod))
