"""The cluster's trivial function, to compare cold starts with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from infra.cluster_tests.api import Api
from infra.cluster_tests.ingress import Ingress, IngressResponse
from infra.cluster_tests.pods import Pods
from infra.cluster_tests.tools import Tools

NAME: Final = "smoke"
HOST: Final = f"{NAME}.{NAME}.svc.cluster.local"
_IMAGE: Final = f"dev.local/{NAME}:1"  # as its manifest says


class Trivial:
    """A function that only imports a web server."""

    def __init__(self, pods: Pods, ingress: Ingress) -> None:
        self._pods, self._ingress = pods, ingress

    def cold_start(self) -> IngressResponse:
        """Return the first response from zero pods."""
        self._pods.await_none(NAME)
        return self._ingress.call(NAME, "GET", "/")


@contextmanager
def trivial(tools: Tools, api: Api, ingress: Ingress) -> Iterator[Trivial]:
    """Deploy the function while the block runs."""
    source = tools.scripts / NAME
    tools.build_image(str(source), _IMAGE)
    tools.kubectl("create", "namespace", NAME)
    try:
        tools.kubectl("apply", "--filename", str(source / "service.yaml"))
        ready = ("--for=condition=Ready", f"ksvc/{NAME}", "--timeout=120s")
        tools.kubectl("--namespace", NAME, "wait", *ready)
        yield Trivial(Pods(api, NAME), ingress)
    finally:
        tools.kubectl("delete", "namespace", NAME, "--timeout=90s")
