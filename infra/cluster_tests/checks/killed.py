"""Kills the processes of pods under load, as when a node fails."""

import os
import signal
from collections.abc import Iterator
from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.overlay import NAMESPACE
from infra.cluster_tests.payments import load
from infra.cluster_tests.pods import Pod
from infra.cluster_tests.processes import of_pod
from infra.cluster_tests.queued import lost

_KILLS: Final = 3
_AT_WORK: Final = 20  # payments that are accepted before the next kill
_ONE_LIVES_WITHIN: Final = 60.0
_PROGRAM: Final = b"gunicorn"


def check(bench: Bench) -> Iterator[CheckResult]:
    """Kill pods while callers repeat failed payments with the same id, as a gateway must."""
    with load("killed", bench.ingress.pay) as tally:
        killed = 0
        for _ in range(_KILLS):
            _await_payments(bench, tally.accepted)
            killed += _killed(bench)
        _await_payments(bench, tally.accepted)
    missing = lost(bench, tally)
    yield CheckResult(
        "pods killed under load: no accepted payment is lost or scored twice",
        passed=not missing and killed >= _KILLS,
        measured=f"{killed} pods killed in {_KILLS} rounds; {len(missing)} of "
        f"{len(tally.accepted)} lost, {tally.refused.total()} attempts failed and were "
        f"repeated; slowest {tally.slowest:.2f} s",
    )


def _await_payments(bench: Bench, accepted: list[str]) -> None:
    wanted = len(accepted) + _AT_WORK
    bench.pods.await_(lambda: len(accepted) >= wanted, 60, f"{_AT_WORK} more payments")


def _killed(bench: Bench) -> int:
    """Kill every running pod, and at least one; return how many.

    Raises:
        TimeoutError: no pod runs, or its processes cannot be identified.
    """
    killed: list[Pod] = []

    def some() -> bool:
        killed.extend(pod for pod in bench.pods.of("ingest") if _kill(bench, pod))
        return bool(killed)

    bench.pods.await_(some, _ONE_LIVES_WITHIN, "a pod of ingest with a gunicorn to kill")
    return len(killed)


def _kill(bench: Bench, pod: Pod) -> bool:
    """Kill gunicorn's master and its worker, and delete the pod at once, as for a lost node."""
    processes = of_pod(pod.uid, _PROGRAM)
    if not processes:
        return False
    try:
        os.kill(processes[0], signal.SIGKILL)
    except ProcessLookupError:
        return False  # the process has just ended
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod.name}"
    bench.api.delete(path, gracePeriodSeconds="0")
    return True
