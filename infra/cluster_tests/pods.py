"""The functions' pods, as the API server tells of them, and when it did."""

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
_BEFORE_AGAIN: Final = 1.0


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod as it was last seen, and when each of its conditions was first seen to be true.

    Kubernetes writes whole seconds, so the moments are those at which the news came.
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
        """When it was first heard of."""
        return self.reached[_CREATED]


def seen(pod: Object, before: Mapping[str, datetime], at: datetime) -> Pod:
    """The pod of an event that came at this moment; `before` is what it had reached by then."""
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
    """Kept up to date by a thread; for as long as this process."""

    def __init__(self, api: Api, namespace: str) -> None:
        self._api, self._path = api, f"/api/v1/namespaces/{namespace}/pods"
        self._now: dict[str, Pod] = {}
        self._gone: dict[str, Pod] = {}
        self._changed = Condition()
        Thread(target=self._keep, name="pods", daemon=True).start()

    def of(self, function: str) -> list[Pod]:
        """The pods of a function, those that end included; the newest last."""
        with self._changed:
            return self._of(function)

    def all_seen(self, function: str) -> list[Pod]:
        """Those that are gone too."""
        with self._changed:
            return [each for each in self._gone.values() if each.function == function] + self._of(
                function
            )

    def log(self, pod: Pod, *, previous: bool = False) -> str:
        """What its function wrote. Raises ClusterFailed where nothing is there to be read."""
        query = {"container": pod.function, **({"previous": "true"} if previous else {})}
        return self._api.text(f"{self._path}/{pod.name}/log", **query)

    def await_(self, wanted: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until it is so, and answer for how long.

        Raises:
            TimeoutError: it was not so in time.
        """
        began = monotonic()
        with self._changed:
            # Once a second: what is wanted may be no pod's affair.
            while not wanted():
                if monotonic() - began > seconds:
                    raise TimeoutError(f"{what}: not within {seconds:g} s")
                self._changed.wait(1)
        return monotonic() - began

    def await_none(self, *functions: str, seconds: float = 120) -> float:
        """Wait until no pod of these functions is left, not even one that ends."""
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
            # The connection broke, or the cluster ends: what is missed meanwhile is listed anew.
            with suppress(ClusterFailed, ValueError):
                self._follow()
            sleep(_BEFORE_AGAIN)

    def _follow(self) -> None:
        """Take what is there, and then what happens, until the watch is over."""
        listed = self._api.get(self._path)
        self._replace([pod for pod in listed["items"] if _is_function_s(pod)])
        for kind, pod in self._api.changes(self._path, listed["metadata"]["resourceVersion"]):
            if _is_function_s(pod):
                self._take(kind, pod)

    def _replace(self, pods: Sequence[Object]) -> None:
        """These are all there are: one that is not among them went while nobody watched."""
        with self._changed:
            for name in self._now.keys() - {pod["metadata"]["name"] for pod in pods}:
                self._gone[name] = self._now.pop(name)
            for pod in pods:
                self._take("LISTED", pod)
            self._changed.notify_all()

    def _take(self, kind: str, pod: Any) -> None:  # noqa: ANN401 - an object of Kubernetes
        with self._changed:
            known = self._now.get(pod["metadata"]["name"])
            told = seen(pod, known.reached if known else {}, now())
            if kind == "DELETED":
                self._now.pop(told.name, None)
                self._gone[told.name] = told
            else:
                self._now[told.name] = told
            self._changed.notify_all()


def _is_function_s(pod: Object) -> bool:
    return FUNCTION in pod["metadata"].get("labels", {})
