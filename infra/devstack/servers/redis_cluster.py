"""Redis Cluster: three masters on loopback."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from typing_extensions import override

from infra.devstack.servers.programs import program
from infra.devstack.servers.redis import Redis
from infra.devstack.servers.restartable_server import RestartableServer, ServerFailed

_NODES: Final = 3  # the fewest that Redis calls a cluster
_AGREED_WITHIN: Final = 30.0
_ASK_EVERY: Final = 0.05


class RedisClusterNode(Redis):
    """One master; it answers before the cluster is complete."""

    name: ClassVar[str] = "redis-cluster-node"
    port_count: ClassVar[int] = 2
    has_password: ClassVar[bool] = False  # for tests on loopback only

    @property
    @override
    def command(self) -> Sequence[str]:
        cluster = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
        return [*super().command, *cluster, "--cluster-port", str(self.ports[1])]

    @property
    def agrees(self) -> bool:
        """Whether this node sees all slots served."""
        with self.client() as client:
            state: Mapping[str, str] = client.execute_command("CLUSTER INFO")
        return state["cluster_state"] == "ok"


class RedisCluster(RestartableServer):
    """Three masters, each with a third of the slots."""

    name: ClassVar[str] = "redis-cluster"

    def __init__(self, folder: Path | None = None) -> None:
        self.nodes: Final = tuple(
            RedisClusterNode(folder and folder / str(number)) for number in range(_NODES)
        )

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {**self.nodes[0].settings, "REDIS_CLUSTER": "true"}

    @override
    def start(self) -> None:
        for node in self.nodes:
            node.start()
        first = self.nodes[0]
        if not (first.folder / "joined").exists():
            addresses = [f"127.0.0.1:{node.port}" for node in self.nodes]
            create = ("--cluster", "create", *addresses, "--cluster-yes")
            first.run_step([program("redis-cli", "redis"), *create])
            (first.folder / "joined").touch()
        self._await_agreement()

    @override
    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    @override
    def kill(self) -> None:
        for node in self.nodes:
            node.kill()

    @override
    def discard(self) -> None:
        for node in self.nodes:
            node.discard()

    def _await_agreement(self) -> None:
        deadline = time.monotonic() + _AGREED_WITHIN
        while not all(node.agrees for node in self.nodes):
            if time.monotonic() > deadline:
                raise ServerFailed(
                    f"{self.name}: its nodes did not agree within {_AGREED_WITHIN:g} s"
                )
            time.sleep(_ASK_EVERY)
