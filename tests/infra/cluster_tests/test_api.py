import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from typing_extensions import override

from infra.cluster_tests.api import Api
from infra.cluster_tests.tools import ClusterFailed

ADDED = {"type": "ADDED", "object": {"metadata": {"name": "a"}}}
EXPIRED = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired"}}
REFUSED = {"kind": "Status", "code": 401, "reason": "Unauthorized"}


@contextmanager
def answering(folder: Path, status: int, *lines: object) -> Iterator[tuple[Api, list[str]]]:
    """An API server with the same response to every request, and the requests that it got."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"".join(json.dumps(each).encode() + b"\n" for each in lines))

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Write no log line."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Api(kubeconfig(folder, f"http://127.0.0.1:{server.server_port}")), asked
        finally:
            server.shutdown()
            thread.join()


def kubeconfig(folder: Path, server: str) -> Path:
    """A kubeconfig for plain HTTP; its certificates are not read."""
    cluster = {"server": server, "certificate-authority": "ca"}
    user = {"client-certificate": "crt", "client-key": "key"}
    known = {"clusters": [{"cluster": cluster}], "users": [{"user": user}]}
    file = folder / "kubeconfig"
    file.write_text(yaml.safe_dump(known))
    return file


def test_a_watch_starts_at_the_listed_version(tmp_path: Path) -> None:
    """A watch starts at the listed version, or changes would be repeated or missed."""
    with answering(tmp_path, 200, ADDED) as (api, asked):
        happened = list(api.changes("/pods", "17"))

    assert happened == [("ADDED", ADDED["object"])]
    assert "watch=1" in asked[0]
    assert "resourceVersion=17" in asked[0]


def test_a_rejected_watch_raises_with_its_status(tmp_path: Path) -> None:
    """A rejected watch raises with its Status, which is not an event."""
    with (
        answering(tmp_path, 401, REFUSED) as (api, _),
        pytest.raises(ClusterFailed, match=r"401.*Unauthorized"),
    ):
        list(api.changes("/pods", "17"))


def test_an_expired_version_ends_the_watch(tmp_path: Path) -> None:
    """An error within the stream ends the watch; earlier events are yielded."""
    with answering(tmp_path, 200, ADDED, EXPIRED) as (api, _):
        happens = api.changes("/pods", "17")

        assert next(happens)[0] == "ADDED"
        with pytest.raises(ClusterFailed, match="Expired"):
            next(happens)


def test_an_unreachable_server_raises_cluster_failed(tmp_path: Path) -> None:
    """Callers handle ClusterFailed only."""
    with answering(tmp_path, 200) as (api, _):
        pass

    with pytest.raises(ClusterFailed, match="WATCH /pods"):
        list(api.changes("/pods", "17"))
