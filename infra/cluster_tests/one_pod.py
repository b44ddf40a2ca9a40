"""run_pod: runs one pod of the engine's image to its end, and returns its log."""

from collections.abc import Mapping, Sequence
from time import monotonic, sleep
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.overlay import as_yaml

_UNPRIVILEGED: Final = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_POLL_EVERY: Final = 0.3
_STARTED_WITHIN: Final = 60.0


def pod_of(
    bench: Bench,
    namespace: str,
    name: str,
    command: Sequence[str],
    **spec: Any,  # noqa: ANN401 - fields of Kubernetes
) -> Mapping[str, Any]:
    """Return a pod of the engine's image.

    `spec` has more fields of the pod; its `container` has more fields of the container.
    """
    container = {
        "name": name,
        "image": bench.deployment.overlay.images["engine"],
        "command": list(command),
        "securityContext": _UNPRIVILEGED,
        **spec.pop("container", {}),
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            **spec,
        },
    }


def run_pod(bench: Bench, pod: Mapping[str, Any]) -> str:
    """Create the pod, wait for its end, delete it; return its log.

    Raises:
        TimeoutError: the pod did not end in time.
    """
    bench.deployment.tools.kubectl("apply", "--filename", "-", given=as_yaml([pod]))
    path = path_of(pod)
    try:
        deadline = monotonic() + _STARTED_WITHIN
        while bench.api.get(path)["status"].get("phase") not in {"Succeeded", "Failed"}:
            if monotonic() > deadline:
                raise TimeoutError(f"pod {pod['metadata']['name']} has not ended")
            sleep(_POLL_EVERY)
        return bench.api.text(f"{path}/log")
    finally:
        bench.api.delete(path)


def path_of(pod: Mapping[str, Any]) -> str:
    """Return the path of the pod at the API server."""
    metadata = pod["metadata"]
    return f"/api/v1/namespaces/{metadata['namespace']}/pods/{metadata['name']}"
