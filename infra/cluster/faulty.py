"""A revision that cannot work: what it says, and that the one before it serves on."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from infra.cluster.bench import Bench
from infra.cluster.outcomes import Outcome
from infra.cluster.overlay import Overlay
from infra.cluster.payments import load
from infra.cluster.pods import Pod
from infra.cluster.tools import ClusterFailed

_GIVEN_UP_WITHIN: Final = 180.0  # the base's progress-deadline is 120 s
FINAL: Final = frozenset({"ExitCode1", "ProgressDeadlineExceeded"})  # no node had room: not so


@contextmanager
def meanwhile(bench: Bench, overlay: Overlay) -> Iterator[None]:
    """Another overlay is in force while the block runs; then this one is again, and serves."""
    before = bench.deployment.overlay
    bench.deployment.apply(overlay)
    try:
        yield
    finally:
        bench.deployment.apply(before)
        bench.deployment.await_ready()


def refused(
    bench: Bench, promise: str, overlay: Overlay, function: str, said: str
) -> Iterator[Outcome]:
    """The new revision of `function` is given up, and its log has a line with what was `said`."""
    before = bench.deployment.service(function)["status"]["latestReadyRevisionName"]
    with load("faulty", bench.ingress.pay, threads=1) as tally, meanwhile(bench, overlay):
        lines: list[str] = []
        waited = bench.pods.await_(
            lambda: _given_up(bench, function, before, said, lines),
            _GIVEN_UP_WITHIN,
            f"the end of {function}'s new revision",
        )
        status = bench.deployment.service(function)["status"]
        ready = status["latestReadyRevisionName"]
        reason = _reason(bench, status["latestCreatedRevisionName"])
    yield Outcome(
        promise,
        kept=ready == before and len(set(lines)) == 1,
        measured=f"{reason} after {waited:.0f} s: {lines[0] if lines else 'it said nothing'}",
    )
    yield Outcome(
        "meanwhile the old revision serves on",
        kept=bool(tally.accepted) and not tally.refused,
        measured=tally.in_words,
    )


def _given_up(bench: Bench, function: str, before: str, said: str, lines: list[str]) -> bool:
    newest = bench.deployment.service(function)["status"]["latestCreatedRevisionName"]
    if newest == before:
        return False
    for pod in bench.pods.of(function):
        if pod.revision == newest and not lines:
            lines += _lines(bench, pod, said)[:1]
    return bool(lines) and _reason(bench, newest) in FINAL


def _reason(bench: Bench, revision: str) -> str:
    """Why a revision is not ready, or nothing."""
    conditions = bench.deployment.revision(revision).get("status", {}).get("conditions", ())
    ready = (each for each in conditions if each["type"] == "Ready" and each["status"] == "False")
    return next((str(each.get("reason")) for each in ready), "")


def _lines(bench: Bench, pod: Pod, said: str) -> list[str]:
    found: list[str] = []
    for previous in (True, False):
        with suppress(ClusterFailed):
            found += bench.pods.log(pod, previous=previous).splitlines()
    return [line for line in found if said in line]
