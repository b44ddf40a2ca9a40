"""A pod's processes end at once, as when its node goes, while payments come."""

import os
import signal
from collections.abc import Iterator
from time import sleep

from infra.cluster.bench import Bench
from infra.cluster.outcomes import Outcome
from infra.cluster.payments import load
from infra.cluster.processes import of_pod

_KILLS = 3
_BETWEEN = 5.0


def check(bench: Bench) -> Iterator[Outcome]:
    """Callers send again what failed, with the same id, as a gateway must."""
    killed = 0
    with load("killed", bench.ingress.pay, insistent=True) as tally:
        bench.pods.await_(lambda: bool(tally.accepted), 30, "a first payment")
        for _ in range(_KILLS):
            for pod in bench.pods.of("ingest"):
                killed += _killed(pod.uid)
            sleep(_BETWEEN)
        paid = len(tally.accepted)
        bench.pods.await_(lambda: len(tally.accepted) > paid, 60, "a payment after the last kill")
    lost = bench.records.not_scored_once(tally.accepted)
    again = tally.refused.total()
    yield Outcome(
        "pods killed under load: no accepted payment is lost or scored twice",
        kept=killed >= _KILLS and not lost,
        measured=f"{killed} kills; {tally.in_words}; {again} attempts failed and were sent again; "
        f"{len(lost)} of {len(tally.accepted)} lost",
    )


def _killed(uid: str) -> bool:
    """Whether there was something to kill; its worker ends with gunicorn's master."""
    found = of_pod(uid, b"gunicorn")
    if found:
        os.kill(found[0], signal.SIGKILL)
    return bool(found)
