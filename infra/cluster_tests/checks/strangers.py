"""Checks what a pod that no NetworkPolicy names can do at score."""

import json
from collections.abc import Iterator
from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.one_pod import pod_of, run_pod
from infra.cluster_tests.overlay import NAMESPACE

_ELSEWHERE: Final = "default"  # a namespace
_BLOCKED: Final = 0  # no connection
_UNAUTHORIZED: Final = 401
_PROGRAM: Final = """
import json, sys, urllib.error, urllib.request
event = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/stranger",
         "ce-type": "za.risksentinel.transaction.received.v1", "Content-Type": "application/json"}
found = {}
for name, url, host in json.loads(sys.argv[1]):
    headers = {**event, **({"Host": host} if host else {})}
    request = urllib.request.Request(url, b"{}", headers)
    try:
        found[name] = urllib.request.urlopen(request, timeout=5).status
    except urllib.error.HTTPError as error:
        found[name] = error.code
    except OSError:
        found[name] = 0
print(json.dumps(found))
"""


def check(bench: Bench) -> Iterator[CheckResult]:
    """Post an event from another namespace: by the ingress, and at the pod's own ports."""
    found = _answers(bench)
    ingress = found.pop("ingress")
    yield CheckResult(
        "an event of an unnamed pod is refused at the ingress",
        passed=ingress == _UNAUTHORIZED,
        measured=f"{ingress}",
    )
    enforced = all(status == _BLOCKED for status in found.values())
    statuses = ", ".join(f"{name} {status}" for name, status in found.items())
    yield CheckResult(
        "an event of an unnamed pod is refused at the pod's own ports",
        passed=all(status in {_BLOCKED, _UNAUTHORIZED} for status in found.values()),
        measured="no connection: this cluster enforces NetworkPolicies"
        if enforced
        else f"{statuses}: this cluster does not enforce NetworkPolicies, the function refuses",
    )


def _answers(bench: Bench) -> dict[str, int]:
    """Return the status of each way to score, 0 without a connection."""
    bench.ingress.call("score", "GET", "/health/readiness")
    host = f"score.{NAMESPACE}.svc.cluster.local"
    pods = [pod for pod in bench.pods.of("score") if not pod.ending]
    address = pods[-1].object["status"]["podIP"]
    ways = [
        ("ingress", f"http://{host}/", ""),
        ("queue-proxy", f"http://{address}:8012/", host),
        ("function", f"http://{address}:8080/", ""),
    ]
    command = ["python", "-c", _PROGRAM, json.dumps(ways)]
    pod = pod_of(bench, _ELSEWHERE, "stranger", command, automountServiceAccountToken=False)
    answers: dict[str, int] = json.loads(run_pod(bench, pod).splitlines()[-1])
    return answers
