"""Watches the functions' pods, and records when each condition became true."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition, Thread
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.api import Api, Object
from infra.cluster_tests.tools import ClusterFailed
from risksentinel.adapters.system_clock import now

FUNCTION: Final = "serving.knative.dev/service"
REVISION: Final = "serving.knative.dev/revision"
_CREATED: Final = "Created"
_RETRY_PAUSE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pod:
    """The last state of a pod, and when each of its conditions was first reported as true.

    Kubernetes writes whole seconds, so the times are those at which the events arrived.
    """

    name: str
    function: str
    revision: str
    uid: str
    ending: bool
    reached: Mapping[str, datetime]
    object: Object = field(repr=False)

    @property
    def created(self) -> datetime:
        """When the first event of the pod arrived."""
        return self.reached[_CREATED]


def seen(pod: Object, before: Mapping[str, datetime], at: datetime) -> Pod:
    """Return the pod of an event that arrived at this time; `before` has its earlier conditions."""
    true = {
        each["type"]
        for each in pod.get("status", {}).get("conditions", ())
        if each["status"] == "True"
    }
    metadata = pod["metadata"]
    reached = {**dict.fromkeys({_CREATED, *true}, at), **before}
    return Pod(
        name=metadata["name"],
        function=metadata["labels"][FUNCTION],
        revision=metadata["labels"][REVISION],
        uid=metadata["uid"],
        ending="deletionTimestamp" in metadata,
        reached=reached,
        object=pod,
    )


class Pods:
    """The current pods, updated by a daemon thread."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._path = api, f"/api/v1/namespaces/{namespace}/pods"
        self._now: dict[str, Pod] = {}
        self._gone: dict[str, Pod] = {}
        self._changed = Condition()
        Thread(target=self._keep, name="pods", daemon=True).start()

    def of(self, function: str) -> list[Pod]:
        """Return the pods of a function, including terminating ones; the newest is last."""
        with self._changed:
            return self._of(function)

    def all_seen(self, function: str) -> list[Pod]:
        """Return all pods of a function, including deleted ones."""
        with self._changed:
            return [each for each in self._gone.values() if each.function == function] + self._of(
                function
            )

    def log(self, pod: Pod, *, previous: bool = False) -> str:
        """Return the log of the pod's function. Raises ClusterFailed if there is none."""
        query = {"container": pod.function, **({"previous": "true"} if previous else {})}
        return self._api.text(f"{self._path}/{pod.name}/log", **query)

    def await_(self, wanted: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until the condition is true; return the seconds.

        Raises:
            TimeoutError: the condition was not true in time.
        """
        began = monotonic()
        with self._changed:
            # Once a second, because the condition may not depend on pods.
            while not wanted():
                if monotonic() - began > seconds:
                    raise TimeoutError(f"{what}: not within {seconds:g} s")
                self._changed.wait(1)
        return monotonic() - began

    def await_none(self, *functions: str, seconds: float = 120) -> float:
        """Wait until these functions have no pod, not even a terminating one."""
        return self.await_(
            lambda: not any(self._of(each) for each in functions),
            seconds,
            f"no pod of {', '.join(functions)}",
        )

    def _of(self, function: str) -> list[Pod]:
        found = [each for each in self._now.values() if each.function == function]
        return sorted(found, key=lambda each: each.created)

    def _keep(self) -> None:
        while True:
            # The connection broke, or the cluster stops: the next list has the missed changes.
            with suppress(ClusterFailed, ValueError):
                self._follow()
            sleep(_RETRY_PAUSE)

    def _follow(self) -> None:
        """List the pods, and follow their changes until the watch ends."""
        listed = self._api.get(self._path)
        self._replace([pod for pod in listed["items"] if _is_function_s(pod)])
        for kind, pod in self._api.changes(self._path, listed["metadata"]["resourceVersion"]):
            if _is_function_s(pod):
                self._take(kind, pod)

    def _replace(self, pods: Sequence[Object]) -> None:
        """Replace all pods by a list; a missing pod was deleted between two watches."""
        with self._changed:
            for name in self._now.keys() - {pod["metadata"]["name"] for pod in pods}:
                self._gone[name] = self._now.pop(name)
            for pod in pods:
                self._take("LISTED", pod)
            self._changed.notify_all()

    def _take(self, kind: str, pod: Any) -> None:  # noqa: ANN401 - an object of Kubernetes
        with self._changed:
            known = self._now.get(pod["metadata"]["name"])
            pod_seen = seen(pod, known.reached if known else {}, now())
            if kind == "DELETED":
                self._now.pop(pod_seen.name, None)
                self._gone[pod_seen.name] = pod_seen
            else:
                self._now[pod_seen.name] = pod_seen
            self._changed.notify_all()


def _is_function_s(pod: Object) -> bool:
    return FUNCTION in pod["metadata"].get("labels", {})
