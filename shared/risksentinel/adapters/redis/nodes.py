"""RedisNodes: one server, or the masters of a cluster; and which of them has a key."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis.crc import key_slot
from redis.exceptions import RedisError

from risksentinel.adapters.redis.connection import ConnectionOptions, RedisConnection, Reply, Words
from risksentinel.adapters.redis.node import RedisNode
from risksentinel.adapters.redis.opening import Opening

_SLOTS_TIMEOUT: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class RedisNodes:
    """The slots from `first_slots[n]` to before `first_slots[n + 1]` belong to `owners[n]`."""

    first_slots: tuple[int, ...]
    owners: tuple[RedisNode, ...]
    addresses: tuple[ConnectionOptions, ...]

    def owner(self, key: bytes) -> RedisNode:
        """The server of this key."""
        if len(self.owners) == 1:
            return self.owners[0]
        return self.owners[bisect_right(self.first_slots, key_slot(key)) - 1]

    @property
    def each(self) -> Sequence[RedisNode]:
        """Every server once."""
        return tuple(dict.fromkeys(self.owners))

    def close(self) -> None:
        """Close all connections."""
        for node in self.each:
            node.close()


def found(
    seeds: Sequence[ConnectionOptions], greeting: Sequence[Words], opening: Opening
) -> RedisNodes:
    """Read the servers from the first seed that answers.

    Raises:
        RedisError: no seed answers.
        OSError: the same.
    """
    for number, seed in enumerate(seeds, 1):
        node = RedisNode(seed, greeting, opening)
        try:
            connection = node.connect()
            if not connection.of_a_cluster:
                node.give_back(connection)
                return RedisNodes((0,), (node,), (seed,))
            try:
                return _cluster(connection, seed, greeting, opening)
            finally:
                connection.close()
        except (RedisError, OSError):
            if number == len(seeds):
                raise
    raise ValueError("there is no seed")


def _cluster(
    connection: RedisConnection,
    seed: ConnectionOptions,
    greeting: Sequence[Words],
    opening: Opening,
) -> RedisNodes:
    (reply,) = connection.ask([(b"CLUSTER", b"SLOTS")], _SLOTS_TIMEOUT)
    if isinstance(reply, RedisError):
        raise reply
    ranges: list[list[Reply]] = sorted(reply, key=lambda slots: int(slots[0]))
    if not ranges:
        raise RedisError("no slot of the cluster is served")
    places = [_place(slots[2], seed) for slots in ranges]
    nodes = {
        place: RedisNode({**seed, "host": place[0], "port": place[1]}, greeting, opening)
        for place in places
    }
    return RedisNodes(
        first_slots=tuple(int(slots[0]) for slots in ranges),
        owners=tuple(nodes[place] for place in places),
        addresses=tuple({**seed, "host": host, "port": port} for host, port in nodes),
    )


def _place(master: list[Reply], seed: ConnectionOptions) -> tuple[str, int]:
    """The address of a master; one without a host name has the host of the seed."""
    return (master[0] or b"").decode() or seed["host"], int(master[1])
