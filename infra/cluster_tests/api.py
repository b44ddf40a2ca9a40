"""A client of the Kubernetes API, for requests that are too frequent for kubectl."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import urllib3
import yaml

from infra.cluster_tests.tools import ClusterFailed

_FAILED: Final = 300
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=60)
_WATCHED_FOR: Final = 3600
Object = Mapping[str, Any]


class Api:
    """Authenticates as the administrator of a kubeconfig; thread-safe."""

    def __init__(self, kubeconfig: Path) -> None:
        known = yaml.safe_load(kubeconfig.read_text())
        (cluster,) = (each["cluster"] for each in known["clusters"])
        (user,) = (each["user"] for each in known["users"])
        self._server = cluster["server"]
        self._pool = urllib3.PoolManager(
            maxsize=8,
            timeout=_TIMEOUT,
            retries=False,
            ca_certs=cluster["certificate-authority"],
            cert_file=user["client-certificate"],
            key_file=user["client-key"],
        )

    def get(self, path: str, **query: str) -> Any:  # noqa: ANN401 - any object of Kubernetes
        """Return the object at a path."""
        return json.loads(self.text(path, **query))

    def text(self, path: str, **query: str) -> str:
        """Return the text at a path, such as a log."""
        return self._request("GET", path, fields=query)

    def delete(self, path: str, **query: str) -> None:
        """Delete the object at a path."""
        self._request("DELETE", path, fields=query)

    def serves(self, version: str, kind: str) -> bool:
        """Return whether the cluster has this kind of object."""
        path = f"/api/{version}" if "/" not in version else f"/apis/{version}"
        response = self._pool.request("GET", self._server + path)
        known = json.loads(response.data) if response.status < _FAILED else {"resources": []}
        return any(each["kind"] == kind for each in known["resources"])

    def changes(self, path: str, since: str) -> Iterator[tuple[str, Object]]:
        """Yield the type and object of each change at a path after a resource version.

        Raises:
            ClusterFailed: the watch failed or ended; list the objects again.
        """
        try:
            yield from self._watched(path, {"watch": "1", "resourceVersion": since})
        except urllib3.exceptions.HTTPError as error:
            raise ClusterFailed(f"WATCH {path}: {type(error).__name__}") from error

    def _watched(self, path: str, query: Mapping[str, str]) -> Iterator[tuple[str, Object]]:
        response = self._pool.request(
            "GET",
            self._server + path,
            fields={**query, "timeoutSeconds": str(_WATCHED_FOR)},
            preload_content=False,
            timeout=urllib3.Timeout(connect=5, read=_WATCHED_FOR),
        )
        with closing(response):
            if response.status >= _FAILED:
                raise ClusterFailed(f"WATCH {path}: {response.status} {_quoted(response.data)}")
            pending = b""
            for chunk in response.stream(1 << 16):
                *lines, pending = (pending + chunk).split(b"\n")
                for line in lines:
                    event = json.loads(line)
                    if event["type"] == "ERROR":
                        raise ClusterFailed(f"WATCH {path}: {_quoted(line)}")
                    yield event["type"], event["object"]

    def _request(self, method: str, path: str, fields: Mapping[str, str]) -> str:
        try:
            response = self._pool.request(method, self._server + path, fields=dict(fields))
        except urllib3.exceptions.HTTPError as error:
            raise ClusterFailed(f"{method} {path}: {type(error).__name__}") from error
        if response.status >= _FAILED:
            raise ClusterFailed(f"{method} {path}: {response.status} {_quoted(response.data)}")
        return response.data.decode()


def _quoted(body: bytes) -> str:
    return body.decode()[:500]
