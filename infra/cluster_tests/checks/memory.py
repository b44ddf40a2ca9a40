"""Checks that each function stays below its memory limit in knative/base."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.memory import MEBIBYTE
from infra.cluster_tests.payments import payment

_MIN_READINGS: Final = 3
_WORKED: Final = "ingest"
_LARGEST: Final = 500  # payments, the maximum of the API
_AT_ONCE: Final = 8  # the threads of a pod
_REPEATED_FOR: Final = 120.0  # seconds
_PAUSE: Final = 1.0
_SPARE: Final = 1.25  # a limit is at least 1.25 times the peak


def check(bench: Bench) -> Iterator[CheckResult]:
    """Compare the peak until now, and with the largest requests, with the limits."""
    failed = _batches(bench)
    requirement = f"{_AT_ONCE} batches of {_LARGEST} payments at once are answered"
    measured = f"answered {failed}" if failed else f"{_AT_ONCE * _LARGEST} payments"
    yield CheckResult(requirement, passed=not failed, measured=measured)
    _await_readings(bench)
    for name in NAMES:
        granted = _granted(bench.deployment.service(name))
        peak = bench.memory.peaks[name]
        used, rss = peak.working_set / MEBIBYTE, peak.rss / MEBIBYTE
        killed = [each.name for each in bench.pods.all_seen(name) if _ran_out(each.object)]
        yield CheckResult(
            f"{name} stays below its memory limit",
            passed=not killed and used * _SPARE <= granted["limits"],
            measured=f"working set {used:.0f} MiB, RSS {rss:.0f} MiB at most; "
            f"requests {granted['requests']:.0f}, limits {granted['limits']:.0f} MiB",
        )


def _batches(bench: Bench) -> list[int]:
    """Return the statuses that are not 200; a batch that cannot be scored in time is repeated."""

    def send(number: int) -> int:
        many = [payment("memory", number * _LARGEST + each) for each in range(_LARGEST)]
        path = "/api/v1/transactions/batch"
        until = monotonic() + _REPEATED_FOR
        while True:
            answer = bench.ingress.call("ingest", "POST", path, {"transactions": many})
            if answer.status != HTTPStatus.SERVICE_UNAVAILABLE or monotonic() > until:
                return answer.status
            sleep(_PAUSE)

    with ThreadPoolExecutor(_AT_ONCE) as callers:
        statuses = list(callers.map(send, range(_AT_ONCE)))
    return [status for status in statuses if status != HTTPStatus.OK]


def _await_readings(bench: Bench) -> None:
    """Wait for a reading of each function, and for new readings of the loaded one."""
    wanted = {**dict.fromkeys(NAMES, 1), _WORKED: _readings(bench, _WORKED) + _MIN_READINGS}
    bench.pods.await_(
        lambda: all(_readings(bench, name) >= least for name, least in wanted.items()),
        60,
        "readings",
    )


def _readings(bench: Bench, name: str) -> int:
    known = bench.memory.peaks.get(name)
    return known.readings if known else 0


def _granted(service: Any) -> dict[str, float]:  # noqa: ANN401 - an object of Kubernetes
    (container,) = service["spec"]["template"]["spec"]["containers"]
    return {
        kind: float(granted["memory"].removesuffix("Mi"))
        for kind, granted in container["resources"].items()
    }


def _ran_out(pod: Any) -> bool:  # noqa: ANN401 - the same
    ended = (
        each.get("lastState", {}).get("terminated", {})
        for each in pod["status"].get("containerStatuses", ())
    )
    return any(each.get("reason") == "OOMKilled" for each in ended)
