import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from typing_extensions import override

from infra.devstack.servers.ports import free_port
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.redis_cluster import RedisCluster
from infra.devstack.servers.restartable_server import ServerFailed
from tests.infra.devstack.servers.clients import CLIENTS
from tests.servers import OwnServer

_ROOT = Path(__file__).parents[4]
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{_ROOT}:{_ROOT / 'shared'}"}
_STARTS_AND_WAITS = """
import sys, time
from infra.devstack.servers.{module} import {kind}
server = {kind}()
server.start()
print(server.pid, server.folder, flush=True)
time.sleep(60)
"""


class Broken(Redis):
    """A server that writes a reason and exits."""

    @property
    @override
    def command(self) -> Sequence[str]:
        return ["/bin/sh", "-c", "echo the disk is full; exit 3"]


class Mute(Redis):
    """A server that runs and never answers."""

    ready_within: ClassVar[float] = 0.3

    @property
    @override
    def command(self) -> Sequence[str]:
        return ["/bin/sleep", "60"]


def test_a_failed_start_quotes_the_log() -> None:
    """The error quotes the log, because the folder is deleted."""
    with pytest.raises(ServerFailed) as failure, Broken():
        pass

    assert (
        str(failure.value)
        == "redis exited with status 3; the end of its log:\n    the disk is full"
    )


def test_a_server_that_does_not_answer_is_stopped() -> None:
    """A start has a timeout, or CI would hang."""
    server = Mute()

    with pytest.raises(ServerFailed, match=r"redis did not answer within 0.3 s"), server:
        pass

    assert server.pid is None
    assert not server.folder.exists()


def test_only_a_temporary_folder_is_deleted(tmp_path: Path) -> None:
    """Temporary folders are deleted; the folder of a stack keeps its data."""
    with Redis() as temporary, Redis(tmp_path / "kept") as kept:
        CLIENTS["redis"].put(kept.settings, "key", "value")

    with Redis(tmp_path / "kept") as again:
        value = CLIENTS["redis"].get(again.settings, "key")

    assert not temporary.folder.exists()
    assert again.settings == kept.settings
    assert value == "value"


def test_a_stop_ends_the_process() -> None:
    """A stopped server has no process."""
    with Redis() as server:
        pid = server.pid

        server.stop()

        assert server.pid is None
        assert pid is not None
        assert not _lives(pid)


@pytest.mark.parametrize(("module", "kind"), [("redis", "Redis"), ("postgres", "Postgres")])
def test_ends_with_its_parent_even_when_that_is_killed(module: str, kind: str) -> None:
    """A killed test run leaves no server, also after a change of user."""
    with _parent(_STARTS_AND_WAITS.format(module=module, kind=kind)) as (parent, pid):
        lived = _lives(pid)

        parent.send_signal(signal.SIGKILL)

        assert lived
        assert _ends_soon(pid)


def test_outlives_the_thread_that_started_it() -> None:
    """The kernel treats the starting thread as the parent, so servers need a permanent one."""
    server = Redis()
    thread = Thread(target=server.start)

    thread.start()
    thread.join()

    with server:
        time.sleep(0.1)
        assert server.pid is not None


def test_a_started_cluster_is_complete(own_server: OwnServer[RedisCluster]) -> None:
    """All slots are served after the start, because nodes reject writes before."""
    cluster = own_server(RedisCluster)
    at_first = [node.agrees for node in cluster.nodes]

    cluster.restart()

    assert at_first == [True, True, True]
    assert [node.agrees for node in cluster.nodes] == [True, True, True]


def test_ports_are_not_those_of_outgoing_connections() -> None:
    """A client of a stopped server could otherwise connect to itself and keep the port."""
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())

    ports = [free_port() for _ in range(20)]

    assert not [port for port in ports if first <= port <= last]
    assert len(set(ports)) == len(ports)


@contextmanager
def _parent(script: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    command = [sys.executable, "-c", script]
    with subprocess.Popen(  # noqa: S603 - our own script
        command, cwd=_ROOT, env=_ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid, folder = parent.stdout.readline().split()
        try:
            yield parent, int(pid)
        finally:
            parent.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _ends_soon(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
