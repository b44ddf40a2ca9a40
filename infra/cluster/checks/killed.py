"""A pod's processes end at once, as when its node goes, while payments come."""

import os
import signal
from collections.abc import Iterator
from typing import Final

from infra.cluster.bench import Bench
from infra.cluster.outcomes import Outcome
from infra.cluster.overlay import NAMESPACE
from infra.cluster.payments import load
from infra.cluster.pods import Pod
from infra.cluster.processes import of_pod

_KILLS: Final = 3
_AT_WORK: Final = 20  # payments that are accepted before the next kill
_PROGRAM: Final = b"gunicorn"


def check(bench: Bench) -> Iterator[Outcome]:
    """Callers send again what failed, with the same id, as a gateway must."""
    with load("killed", bench.ingress.pay, insistent=True) as tally:
        for _ in range(_KILLS):
            _await_payments(bench, tally.accepted)
            for pod in _living(bench):
                _kill(bench, pod)
        _await_payments(bench, tally.accepted)
    lost = bench.records.not_scored_once(tally.accepted)
    yield Outcome(
        "pods killed under load: no accepted payment is lost or scored twice",
        kept=not lost,
        measured=f"every pod killed {_KILLS} times; {len(lost)} of {len(tally.accepted)} lost, "
        f"{tally.refused.total()} attempts failed and were sent again; slowest "
        f"{tally.slowest:.2f} s",
    )


def _await_payments(bench: Bench, accepted: list[str]) -> None:
    wanted = len(accepted) + _AT_WORK
    bench.pods.await_(lambda: len(accepted) >= wanted, 60, f"{_AT_WORK} more payments")


def _living(bench: Bench) -> list[Pod]:
    return [pod for pod in bench.pods.of("ingest") if of_pod(pod.uid, _PROGRAM)]


def _kill(bench: Bench, pod: Pod) -> None:
    """The worker ends with gunicorn's master; the pod is gone at once, as a lost node's is."""
    os.kill(of_pod(pod.uid, _PROGRAM)[0], signal.SIGKILL)
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod.name}"
    bench.api.delete(path, gracePeriodSeconds="0")
