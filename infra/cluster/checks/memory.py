"""What knative/base grants is what a function uses, and enough."""

from collections.abc import Iterator
from typing import Any, Final

from infra.cluster.bench import Bench
from infra.cluster.deployment import NAMES
from infra.cluster.memory import MEBIBYTE
from infra.cluster.outcomes import Outcome

_LEAST_LOOKS: Final = 3
_SPARE: Final = 1.25  # a limit has a quarter more than was ever seen


def check(bench: Bench) -> Iterator[Outcome]:
    """After load, rollout and kills: the most that was seen until now."""
    bench.pods.await_(
        lambda: all(_looks(bench, name) >= _LEAST_LOOKS for name in NAMES), 60, "readings"
    )
    for name in NAMES:
        granted = _granted(bench.deployment.service(name))
        most = bench.memory.most[name]
        used, rss = most.working_set / MEBIBYTE, most.rss / MEBIBYTE
        killed = [each.name for each in bench.pods.all_seen(name) if _ran_out(each.object)]
        yield Outcome(
            f"{name} keeps to its memory",
            kept=not killed and used * _SPARE <= granted["limits"],
            measured=f"working set {used:.0f} MiB, RSS {rss:.0f} MiB at most; "
            f"requests {granted['requests']:.0f}, limits {granted['limits']:.0f} MiB",
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
