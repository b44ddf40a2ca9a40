"""Records the memory of containers, from the kubelet's statistics."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any, Final

from infra.cluster_tests.api import Api
from infra.cluster_tests.overlay import NAMESPACE
from infra.cluster_tests.tools import ClusterFailed

MEBIBYTE: Final = 1024 * 1024
_EVERY: Final = 5.0  # seconds; the kubelet measures about every 10 s


@dataclass(slots=True)
class PeakMemory:
    """The maximum memory of a container in bytes, and the number of readings."""

    working_set: int = 0
    rss: int = 0
    readings: int = 0


@dataclass(slots=True)
class Memory:
    """Reads the statistics every 5 s in a daemon thread."""

    api: Api
    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    def begin(self) -> None:
        """Start reading."""
        Thread(target=self._keep, name="memory", daemon=True).start()

    def _keep(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                (node,) = self.api.get("/api/v1/nodes")["items"]
                path = f"/api/v1/nodes/{node['metadata']['name']}/proxy/stats/summary"
                self.take(self.api.get(path))
            except ClusterFailed:
                continue  # the kubelet is busy, or the cluster stops

    def take(self, summary: Mapping[str, Any]) -> None:
        """Add one summary of the kubelet."""
        for name, memory in containers(summary):
            known = self.peaks.setdefault(name, PeakMemory())
            known.working_set = max(known.working_set, memory["workingSetBytes"])
            known.rss = max(known.rss, memory["rssBytes"])
            known.readings += 1


def containers(summary: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Yield the containers of the namespace that use memory."""
    for pod in summary["pods"]:
        if pod["podRef"]["namespace"] == NAMESPACE:
            for each in pod.get("containers", ()):
                if each.get("memory", {}).get("rssBytes"):
                    yield each["name"], each["memory"]
