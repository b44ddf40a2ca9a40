"""Sending batches to servers in pieces, so that one batch neither hides a server nor takes it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Final

from risksentinel.adapters.redis.connection import RedisConnection, Reply, Words
from risksentinel.adapters.redis.node import RedisNode
from risksentinel.adapters.redis.waiting import ResponseTimeouts

PIECE: Final = 16  # commands; Redis runs what it has read of one client before it turns to the next


def exchanged(
    shares: Mapping[RedisNode, Sequence[Words]], patience: ResponseTimeouts
) -> dict[RedisNode, list[Reply]]:
    """Run each server's commands in order, and answer the replies; the servers work together.

    Two pieces are under way at each server, so that no server waits for the next piece.

    Raises:
        RedisError: a server cannot be reached.
        OSError: the same; TimeoutError where a server does not answer.
    """
    lent: dict[RedisNode, RedisConnection] = {}
    replies: dict[RedisNode, list[Reply]] = {node: [] for node in shares}
    waits = {node: patience.with_server(node.pulse) for node in shares}
    try:
        for node in shares:
            lent[node] = node.borrow(waits[node])
        talks = [_talk(lent[node], shares[node], waits[node]) for node in shares]
        for said in zip_longest(*talks, fillvalue=()):
            for node, some in zip(shares, said, strict=True):
                replies[node] += some
    except TimeoutError:
        _give_back(lent)  # what is late may still come: to connect anew would take longer
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
    connection: RedisConnection, commands: Sequence[Words], patience: float
) -> Iterator[Sequence[Reply]]:
    """Answer nothing once the first piece is sent, then the replies to each piece."""
    pieces = [commands[start : start + PIECE] for start in range(0, len(commands), PIECE)]
    connection.send(pieces[0])
    yield ()
    for piece, following in zip_longest(pieces, pieces[1:]):
        if following is not None:
            connection.send(following)
        yield connection.receive(len(piece), patience)
