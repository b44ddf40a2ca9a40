"""How much memory containers use, as the kubelet reads it from their control groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

from infra.cluster_tests.api import Api
from infra.cluster_tests.overlay import NAMESPACE
from infra.cluster_tests.tools import ClusterFailed

MEBIBYTE: Final = 1024 * 1024
_EVERY: Final = 5.0  # the kubelet looks about every ten


@dataclass(slots=True)
class Most:
    """The most that was seen of a container, in bytes, and how often it was looked at."""

    working_set: int = 0
    rss: int = 0
    looks: int = 0


@dataclass(slots=True)
class Memory:
    """Looks again and again, in a thread that ends with the process."""

    api: Api
    most: dict[str, Most] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    def begin(self) -> None:
        """Look from now on."""
        Thread(target=self._keep, name="memory", daemon=True).start()

    def _keep(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                (node,) = self.api.get("/api/v1/nodes")["items"]
                path = f"/api/v1/nodes/{node['metadata']['name']}/proxy/stats/summary"
                self.take(self.api.get(path))
            except ClusterFailed:
                continue  # the kubelet is busy, or the cluster ends

    def take(self, summary: Mapping[str, Any]) -> None:
        """Take one reading of the kubelet."""
        for name, memory in containers(summary):
            known = self.most.setdefault(name, Most())
            known.working_set = max(known.working_set, memory["workingSetBytes"])
            known.rss = max(known.rss, memory["rssBytes"])
            known.looks += 1


def containers(summary: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    """The containers of our namespace that have used memory."""
    for pod in summary["pods"]:
        if pod["podRef"]["namespace"] == NAMESPACE:
            for each in pod.get("containers", ()):
                if each.get("memory", {}).get("rssBytes"):
                    yield each["name"], each["memory"]
