"""Checks a faulty revision: its error message, and that the previous revision still serves."""

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

_FAILED_WITHIN: Final = 180.0  # the base's progress-deadline is 120 s
FINAL: Final = frozenset(
    {"ExitCode1", "ProgressDeadlineExceeded"}
)  # not the lack of room on a node


@contextmanager
def meanwhile(bench: Bench, overlay: Overlay) -> Iterator[None]:
    """Apply another overlay while the block runs; then apply the previous one until it is ready."""
    before = bench.deployment.overlay
    bench.deployment.apply(overlay)
    try:
        yield
    finally:
        bench.deployment.apply(before)
        bench.deployment.await_ready()


def refused(
    bench: Bench, requirement: str, overlay: Overlay, function: str, words: Sequence[str]
) -> Iterator[CheckResult]:
    """Check that the new revision of `function` fails, and one error in its log has all `words`."""
    before = bench.deployment.service(function)["status"]["latestReadyRevisionName"]
    with load("faulty", bench.ingress.pay, threads=1) as tally, meanwhile(bench, overlay):
        errors: set[str] = set()
        waited = bench.pods.await_(
            lambda: _has_failed(bench, function, before, words, errors),
            _FAILED_WITHIN,
            f"the end of {function}'s new revision",
        )
        status = bench.deployment.service(function)["status"]
        ready = status["latestReadyRevisionName"]
        reason = _reason(bench, status["latestCreatedRevisionName"])
    yield CheckResult(
        requirement,
        passed=ready == before and in_one(errors, words),
        measured=f"{reason} after {waited:.0f} s: {' | '.join(sorted(errors))}",
    )
    yield CheckResult(
        "meanwhile the previous revision serves",
        passed=bool(tally.accepted) and not tally.failures,
        measured=tally.in_words,
    )


def errors_in(log: str, words: Sequence[str]) -> set[str]:
    """Return the distinct errors in a log that contain one of these words.

    Of structured lines only errors count, because responses to callers repeat the reason.
    """
    having = (line for line in log.splitlines() if any(word in line for word in words))
    return {error for line in having if (error := _error_of(line))}


def in_one(errors: Collection[str], words: Sequence[str]) -> bool:
    """Return whether one error has all words, so that one correction is enough."""
    return len(errors) == 1 and all(word in each for each in errors for word in words)


def _error_of(line: str) -> str:
    if not line.startswith("{"):
        return line  # written before structured logging started
    found = json.loads(line)
    if found.get("level") != "error":
        return ""
    return f"{found['event']}: {found.get('reason', '')}"


def _has_failed(
    bench: Bench, function: str, before: str, words: Sequence[str], errors: set[str]
) -> bool:
    """Return whether the new revision has failed; adds the errors of its pods to `errors`."""
    newest = bench.deployment.service(function)["status"]["latestCreatedRevisionName"]
    if newest == before:
        return False
    for pod in bench.pods.of(function):
        if pod.revision == newest:
            errors |= errors_in(_log(bench, pod), words)
    return bool(errors) and _reason(bench, newest) in FINAL


def _reason(bench: Bench, revision: str) -> str:
    """Return the reason why a revision is not ready, or an empty text."""
    conditions = bench.deployment.revision(revision).get("status", {}).get("conditions", ())
    ready = (each for each in conditions if each["type"] == "Ready" and each["status"] == "False")
    return next((str(each.get("reason")) for each in ready), "")


def _log(bench: Bench, pod: Pod) -> str:
    """Return the logs of the current container and the previous one."""
    found: list[str] = []
    for previous in (True, False):
        with suppress(ClusterFailed):
            found.append(bench.pods.log(pod, previous=previous))
    return "\n".join(found)
