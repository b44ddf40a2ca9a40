"""A Redis, one server or a cluster: a batch of commands takes one round trip a server, in time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Final, TypeVar

from redis.exceptions import MovedError, NoScriptError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from risksentinel.adapters.redis.circuit_breaker import CircuitBreaker
from risksentinel.adapters.redis.connection import (
    ConnectionOptions,
    Reply,
    Words,
    options_of,
)
from risksentinel.adapters.redis.exchange import PIECE, exchanged
from risksentinel.adapters.redis.node import RedisNode
from risksentinel.adapters.redis.nodes import RedisNodes, found
from risksentinel.adapters.redis.opening import Opening
from risksentinel.adapters.redis.waiting import Pulse, ResponseTimeouts
from risksentinel.errors import Unavailable

PATIENCE: Final = 0.045  # seconds without a sign of life, after which a server still counts as gone
SOUND_PATIENCE: Final = 0.25  # likewise, at least, for a server that answered the last time
BATCH_PATIENCE: Final = 0.5  # likewise, for more commands than one piece: nobody waits at a till
FAILURES: Final = 3  # in a row, after which it is left alone
PAUSE: Final = 0.3  # seconds for which it is left alone then


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, and the key that says where."""

    key: bytes
    words: Words


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long somebody waits; their failures do not keep those who wait longer from trying."""

    patience: ResponseTimeouts
    circuit: CircuitBreaker


class RedisClient:
    """Connects when it is first used, to what it then finds at the address: a server or a cluster.

    redis-py's connections are used, not its clients. Those try again, in a cluster with each
    command by itself, and so hold a caller up for a multiple of every timeout that they are given.
    A batch fails as a whole, also where only one server of a cluster does not answer.
    """

    def __init__(
        self, url: str, scripts: Sequence[bytes], part: str, patience: float = PATIENCE
    ) -> None:
        self._seed = options_of(url)
        self._loading: Sequence[Words] = [(b"SCRIPT", b"LOAD", script) for script in scripts]
        self._part = part
        batch = max(patience, BATCH_PATIENCE)
        self._single, self._batch = (
            _Wait(each, CircuitBreaker(part, PAUSE, failures=FAILURES, on_open=self.close))
            for each in (
                ResponseTimeouts(max(patience, SOUND_PATIENCE), patience),
                ResponseTimeouts(batch, batch),
            )
        )
        self._opening = Opening()
        self._lock = Lock()
        self._known: RedisNodes | None = None
        self._seeds: tuple[ConnectionOptions, ...] = (self._seed,)

    def run(self, commands: Iterable[Command]) -> list[Reply]:
        """Run them, those of one server in this order, and answer their replies.

        All but the first are made when they can be sent: a Redis that is left alone costs little.

        Raises:
            Unavailable: some did not run, or nobody knows whether they did.
        """
        coming = iter(commands)
        first = list(islice(coming, PIECE + 1))
        how = self._batch if len(first) > PIECE else self._single
        return self._guarded(how, lambda patience: self._settled([*first, *coming], patience))

    def nodes(self) -> Sequence[RedisNode]:
        """Every server that has keys. Raises Unavailable."""
        return self._guarded(self._single, lambda patience: self._nodes(patience.sound).each)

    def run_on(self, node: RedisNode, commands: Sequence[Words]) -> list[Reply]:
        """Run them on that server. Raises Unavailable."""
        if not commands:
            return []
        how = self._batch if len(commands) > PIECE else self._single
        return self._guarded(
            how, lambda patience: _sound(exchanged({node: commands}, patience)[node])
        )

    def warm_up(self, connections: int, within: float) -> None:
        """Open so many to every server, where that takes no longer than `within` seconds.

        Raises:
            Unavailable: there was not time enough, or there is no server.
        """
        until = monotonic() + within

        def warm(_: ResponseTimeouts) -> None:
            for node in self._nodes(within).each:
                node.warm_up(connections, until)

        self._guarded(self._batch, warm)

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            known, self._known = self._known, None
        if known is not None:
            known.close()

    def _guarded(self, how: _Wait, work: Callable[[ResponseTimeouts], Result]) -> Result:
        with how.circuit.attempt() as sound:
            try:
                return work(how.patience if sound else how.patience.after_failure())
            except (RedisError, OSError) as error:
                if not isinstance(error, TimeoutError | RedisTimeoutError):
                    self.close()  # who is at the address may be another one by now
                raise Unavailable(self._part, error) from error

    def _settled(self, commands: Sequence[Command], patience: ResponseTimeouts) -> list[Reply]:
        if not commands:
            return []
        replies = self._shared_out(commands, patience, ())
        unmet = [n for n, reply in enumerate(replies) if _may_work_at_once(reply)]
        if unmet:
            if any(isinstance(replies[n], MovedError) for n in unmet):
                self.close()  # to ask again who has which slot
            again = self._shared_out([commands[n] for n in unmet], patience, self._loading)
            for n, reply in zip(unmet, again, strict=True):
                replies[n] = reply
        return _sound(replies)

    def _shared_out(
        self, commands: Sequence[Command], patience: ResponseTimeouts, first: Sequence[Words]
    ) -> list[Reply]:
        """Run each where its key is; `first` runs first everywhere."""
        nodes = self._nodes(patience.sound)
        shares: dict[RedisNode, list[int]] = {}
        for number, command in enumerate(commands):
            shares.setdefault(nodes.owner(command.key), []).append(number)
        answers = exchanged(
            {node: [*first, *(commands[n].words for n in share)] for node, share in shares.items()},
            patience,
        )
        replies: list[Reply] = [None] * len(commands)
        for node, share in shares.items():
            for number, reply in zip(share, answers[node][len(first) :], strict=True):
                replies[number] = reply
        return replies

    def _nodes(self, patience: float) -> RedisNodes:
        if self._known is None:
            self._opening.wait_for_late(Pulse(), patience)
        known = self._known
        return known or self._keep(self._opening.open(self._find, Pulse(), patience, self._keep))

    def _find(self) -> RedisNodes:
        return found(self._seeds, self._loading, self._opening)

    def _keep(self, nodes: RedisNodes) -> RedisNodes:
        with self._lock:
            if self._known is None:
                self._known, self._seeds = nodes, (self._seed, *nodes.addresses)
            known = self._known
        if nodes is not known:
            nodes.close()  # another thread was first
        return known


def _may_work_at_once(reply: Reply) -> bool:
    """Whether it failed for want of the script, or because its slot is on another server now."""
    return isinstance(reply, NoScriptError | MovedError)


def _sound(replies: list[Reply]) -> list[Reply]:
    for reply in replies:
        if isinstance(reply, RedisError):
            raise reply
    return replies
