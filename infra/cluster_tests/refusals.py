"""refusals: how many events a function has refused for their credentials."""

from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.tools import ClusterFailed

_METRIC: Final = "risksentinel_event_senders_refused_total{"


def refusals(bench: Bench, function: str) -> float:
    """Return the number that the pod of the function reports at /metrics."""
    answer = bench.ingress.call(function, "GET", "/metrics")
    if not answer.ok:
        raise ClusterFailed(f"{function} answers {answer.status} at /metrics")
    lines = answer.body.decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(_METRIC))
