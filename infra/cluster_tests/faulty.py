"""A revision that cannot work: what it says, and that the one before it serves on."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.overlay import Overlay
from infra.cluster_tests.payments import load
from infra.cluster_tests.pods import Pod
from infra.cluster_tests.tools import ClusterFailed

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
    bench: Bench, promise: str, overlay: Overlay, function: str, words: Sequence[str]
) -> Iterator[CheckResult]:
    """The new revision of `function` is given up, and one complaint in its log has all `words`."""
    before = bench.deployment.service(function)["status"]["latestReadyRevisionName"]
    with load("faulty", bench.ingress.pay, threads=1) as tally, meanwhile(bench, overlay):
        said: set[str] = set()
        waited = bench.pods.await_(
            lambda: _given_up(bench, function, before, words, said),
            _GIVEN_UP_WITHIN,
            f"the end of {function}'s new revision",
        )
        status = bench.deployment.service(function)["status"]
        ready = status["latestReadyRevisionName"]
        reason = _reason(bench, status["latestCreatedRevisionName"])
    yield CheckResult(
        promise,
        passed=ready == before and in_one(said, words),
        measured=f"{reason} after {waited:.0f} s: {' | '.join(sorted(said))}",
    )
    yield CheckResult(
        "meanwhile the old revision serves on",
        passed=bool(tally.accepted) and not tally.refused,
        measured=tally.in_words,
    )


def complaints(log: str, words: Sequence[str]) -> set[str]:
    """The different complaints of a log that have one of these words, whenever they came.

    Of the function's own lines only errors are: what a caller is answered repeats the reason.
    """
    having = (line for line in log.splitlines() if any(word in line for word in words))
    return {complaint for line in having if (complaint := _complaint(line))}


def in_one(said: Collection[str], words: Sequence[str]) -> bool:
    """Whether there is one complaint, with all of these words: an operator mends it at once."""
    return len(said) == 1 and all(word in each for each in said for word in words)


def _complaint(line: str) -> str:
    if not line.startswith("{"):
        return line  # it came before there was a log with fields
    found = json.loads(line)
    if found.get("level") != "error":
        return ""
    return f"{found['event']}: {found.get('reason', '')}"


def _given_up(
    bench: Bench, function: str, before: str, words: Sequence[str], said: set[str]
) -> bool:
    """Whether the new revision is; what its pods have `said` by now is added."""
    newest = bench.deployment.service(function)["status"]["latestCreatedRevisionName"]
    if newest == before:
        return False
    for pod in bench.pods.of(function):
        if pod.revision == newest:
            said |= complaints(_log(bench, pod), words)
    return bool(said) and _reason(bench, newest) in FINAL


def _reason(bench: Bench, revision: str) -> str:
    """Why a revision is not ready, or nothing."""
    conditions = bench.deployment.revision(revision).get("status", {}).get("conditions", ())
    ready = (each for each in conditions if each["type"] == "Ready" and each["status"] == "False")
    return next((str(each.get("reason")) for each in ready), "")


def _log(bench: Bench, pod: Pod) -> str:
    """Of the container that runs, and of the one before it."""
    found: list[str] = []
    for previous in (True, False):
        with suppress(ClusterFailed):
            found.append(bench.pods.log(pod, previous=previous))
    return "\n".join(found)
