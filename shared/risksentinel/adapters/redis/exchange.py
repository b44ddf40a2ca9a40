"""exchanged: batches are sent in pieces, so that one batch does not block other callers."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from risksentinel.adapters.redis.connection import RedisConnection, Reply, Words
from risksentinel.adapters.redis.node import RedisNode
from risksentinel.adapters.redis.waiting import ResponseTimeouts

# Commands. Redis runs all commands that it has read from one client before those of the next.
PIECE: Final = 16


def exchanged(
    shares: Mapping[RedisNode, Sequence[Words]], timeout: ResponseTimeouts
) -> dict[RedisNode, list[Reply]]:
    """Run the commands of each server in order, all servers at the same time; answers the replies.

    Two pieces are in flight for each server, so that no server waits for the next piece.

    Raises:
        RedisError: a server cannot be reached.
        OSError: the same; TimeoutError where a server does not answer.
    """
    lent: dict[RedisNode, RedisConnection] = {}
    replies: dict[RedisNode, list[Reply]] = {node: [] for node in shares}
    waits = {node: timeout.with_server(node.activity) for node in shares}
    try:
        for node in shares:
            lent[node] = node.borrow(waits[node])
        talks = [_talk(lent[node], shares[node], waits[node]) for node in shares]
        for said in zip_longest(*talks, fillvalue=()):
            for node, some in zip(shares, said, strict=True):
                replies[node] += some
    except TimeoutError:
        _give_back(lent)  # late replies may still arrive: a new connection would take longer
        raise
    except BaseException:
        for connection in lent.values():
            connection.close()
        raise
    _give_back(lent)
    return replies


def _give_back(lent: Mapping[RedisNode, RedisConnection]) -> None:
    for node, connection in lent.items():
        node.give_back(connection)


def _talk(
    connection: RedisConnection, commands: Sequence[Words], timeout: float
) -> Iterator[Sequence[Reply]]:
    """Yield nothing after the first piece is sent, then the replies to each piece."""
    pieces = [commands[start : start + PIECE] for start in range(0, len(commands), PIECE)]
    connection.send(pieces[0])
    yield ()
    for piece, following in zip_longest(pieces, pieces[1:]):
        if following is not None:
            connection.send(following)
        yield connection.receive(len(piece), timeout)
