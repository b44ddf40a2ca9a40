"""What knative/base grants is what a function uses, and enough."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.memory import MEBIBYTE
from infra.cluster_tests.payments import payment

_MIN_LOOKS: Final = 3
_WORKED: Final = "ingest"
_LARGEST: Final = 500  # payments, as the API takes them
_AT_ONCE: Final = 8  # as many as a pod has threads
_SPARE: Final = 1.25  # a limit has a quarter more than was ever seen


def check(bench: Bench) -> Iterator[CheckResult]:
    """The most that was seen until now, and with the largest requests that there are."""
    failed = _batches(bench)
    promise = f"{_AT_ONCE} batches of {_LARGEST} payments at once are answered"
    told = f"answered {failed}" if failed else f"{_AT_ONCE * _LARGEST} payments"
    yield CheckResult(promise, passed=not failed, measured=told)
    _await_readings(bench)
    for name in NAMES:
        granted = _granted(bench.deployment.service(name))
        most = bench.memory.most[name]
        used, rss = most.working_set / MEBIBYTE, most.rss / MEBIBYTE
        killed = [each.name for each in bench.pods.all_seen(name) if _ran_out(each.object)]
        yield CheckResult(
            f"{name} keeps to its memory",
            passed=not killed and used * _SPARE <= granted["limits"],
            measured=f"working set {used:.0f} MiB, RSS {rss:.0f} MiB at most; "
            f"requests {granted['requests']:.0f}, limits {granted['limits']:.0f} MiB",
        )


def _batches(bench: Bench) -> list[int]:
    """The answers that were none of success."""

    def send(number: int) -> int:
        many = [payment("memory", number * _LARGEST + each) for each in range(_LARGEST)]
        path = "/api/v1/transactions/batch"
        answer = bench.ingress.call("ingest", "POST", path, {"transactions": many})
        return answer.status

    with ThreadPoolExecutor(_AT_ONCE) as callers:
        statuses = list(callers.map(send, range(_AT_ONCE)))
    return [status for status in statuses if status != HTTPStatus.OK]


def _await_readings(bench: Bench) -> None:
    """Of all, and of the one that has just worked."""
    wanted = {**dict.fromkeys(NAMES, 1), _WORKED: _looks(bench, _WORKED) + _MIN_LOOKS}
    bench.pods.await_(
        lambda: all(_looks(bench, name) >= least for name, least in wanted.items()), 60, "readings"
    )


def _looks(bench: Bench, name: str) -> int:
    known = bench.memory.most.get(name)
    return known.looks if known else 0


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
