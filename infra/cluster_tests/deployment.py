"""Applies an overlay as an operator does, and waits until it is ready."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.api import Api, Object
from infra.cluster_tests.overlay import NAMESPACE, Overlay, as_yaml, known
from infra.cluster_tests.tools import Tools
from infra.devstack.stack.topology import FUNCTIONS

SERVICES: Final = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/services"
REVISIONS: Final = f"/apis/serving.knative.dev/v1/namespaces/{NAMESPACE}/revisions"
JOBS: Final = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
NAMES: Final = tuple(function.name for function in FUNCTIONS)
MIGRATE: Final = "migrate"
_POLL_EVERY: Final = 0.3


@dataclass(slots=True)
class Deployment:
    """The applied overlay and its objects."""

    tools: Tools
    api: Api
    folder: Path
    overlay: Overlay
    objects: Sequence[Object] = ()
    skipped: Sequence[Object] = field(default_factory=list)

    def apply(self, overlay: Overlay) -> None:
        """Apply an overlay without the kinds that the cluster does not have.

        Raises:
            ClusterFailed: the API server rejects an object, also for an unknown field.
        """
        self.overlay, self.objects = overlay, overlay.build(self.folder)
        here, self.skipped = known(self.objects, self.api)
        # A Job is immutable, and contains the settings: docs/deployment.md has the same step.
        delete = ("delete", "job", MIGRATE, "--ignore-not-found")
        self.tools.kubectl("--namespace", NAMESPACE, *delete)
        self.tools.kubectl(
            *("apply", "--server-side", "--validate=strict", "--filename", "-"),
            given=as_yaml(here),
        )

    def would_take(self, objects: Sequence[Object]) -> int:
        """Dry-run objects at the API server and Knative's webhook; return how many it accepts."""
        here = [each for each in known(objects, self.api)[0] if _is_applicable(each)]
        self.tools.kubectl(
            *("apply", "--server-side", "--validate=strict", "--dry-run=server"),
            *("--force-conflicts", "--filename", "-"),
            given=as_yaml(here),
        )
        return len(here)

    def service(self, function: str) -> Any:  # noqa: ANN401 - an object of Kubernetes
        """Return a Knative Service."""
        return self.api.get(f"{SERVICES}/{function}")

    def revision(self, name: str) -> Any:  # noqa: ANN401 - an object of Kubernetes
        """Return a revision."""
        return self.api.get(f"{REVISIONS}/{name}")

    def await_ready(self, seconds: float = 180) -> float:
        """Wait until the newest revision of every function is ready; return the seconds.

        Raises:
            TimeoutError: names the functions that are not ready.
        """
        began = monotonic()
        while late := [name for name in NAMES if not _is_ready(self.service(name))]:
            if monotonic() - began > seconds:
                raise TimeoutError(f"not ready within {seconds:g} s: {', '.join(late)}")
            sleep(_POLL_EVERY)
        return monotonic() - began

    def await_job(self, name: str, seconds: float = 120) -> float:
        """Wait until a Job is complete; return the seconds.

        Raises:
            TimeoutError: the Job is not complete in time, or failed.
        """
        began = monotonic()
        while not _is_true(self.api.get(f"{JOBS}/{name}"), "Complete"):
            if monotonic() - began > seconds:
                raise TimeoutError(f"job {name} is not done within {seconds:g} s")
            sleep(_POLL_EVERY)
        return monotonic() - began


def _is_applicable(each: Object) -> bool:
    """Return whether to apply an object: not in other namespaces, and not an existing Job."""
    ours = each["metadata"].get("namespace", NAMESPACE) == NAMESPACE
    return ours and (each["kind"], each["metadata"]["name"]) != ("Job", MIGRATE)


def _is_ready(service: Object) -> bool:
    """Return whether the newest revision is ready and gets all traffic."""
    status = service.get("status", {})
    latest = status.get("latestCreatedRevisionName")
    return (
        status.get("observedGeneration") == service["metadata"]["generation"]
        and _is_true(service, "Ready")
        and latest is not None
        and latest == status.get("latestReadyRevisionName")
    )


def _is_true(found: Object, condition: str) -> bool:
    return any(
        each["type"] == condition and each["status"] == "True"
        for each in found.get("status", {}).get("conditions", ())
    )
