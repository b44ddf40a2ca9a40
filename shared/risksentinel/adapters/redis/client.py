"""RedisClient: batches of commands on a server or a cluster, one round trip for each server."""

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
from risksentinel.adapters.redis.waiting import ResponseTimeouts, ServerActivity
from risksentinel.errors import Late, Unavailable

TIMEOUT: Final = 0.045  # seconds without response activity, for a server that failed the last time
TIMEOUT_AFTER_ANSWER: Final = 0.25  # the minimum in seconds if the server answered the last time
BATCH_TIMEOUT: Final = 0.5  # the minimum in seconds for more commands than PIECE, which is a batch
FAILURES: Final = 3  # consecutive failures that open the circuit breaker
PAUSE: Final = 0.3  # seconds for which the circuit breaker stays open


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the key that selects its server."""

    key: bytes
    words: Words


@dataclass(frozen=True, slots=True)
class _Wait:
    """Timeouts and their circuit breaker; short timeouts do not open the breaker of long ones."""

    timeout: ResponseTimeouts
    circuit: CircuitBreaker


class RedisClient:
    """Connects at its first use, to the server or the cluster at the address.

    It uses the connections of redis-py, not its clients: those retry, in a cluster each command by
    itself, and so take a multiple of every timeout. A batch fails as a whole, also where only one
    server of a cluster does not answer.
    """

    def __init__(
        self,
        url: str,
        scripts: Sequence[bytes],
        part: str,
        timeout: float = TIMEOUT,
        ca_file: str = "",
    ) -> None:
        self._seed = options_of(url, ca_file)
        self._loading: Sequence[Words] = [(b"SCRIPT", b"LOAD", script) for script in scripts]
        self._part = part
        batch = max(timeout, BATCH_TIMEOUT)
        self._single, self._batch = (
            _Wait(each, CircuitBreaker(part, PAUSE, failures=FAILURES, on_open=self.close))
            for each in (
                ResponseTimeouts(max(timeout, TIMEOUT_AFTER_ANSWER), timeout),
                ResponseTimeouts(batch, batch),
            )
        )
        self._opening = Opening()
        self._lock = Lock()
        self._known: RedisNodes | None = None
        self._seeds: tuple[ConnectionOptions, ...] = (self._seed,)

    def run(self, commands: Iterable[Command]) -> list[Reply]:
        """Run the commands, those of one server in this order; answers their replies.

        The iterable is read only as far as needed: while the breaker is open, few are built.

        Raises:
            Unavailable: some commands did not run, or it is unknown whether they ran.
        """
        coming = iter(commands)
        first = list(islice(coming, PIECE + 1))
        how = self._batch if len(first) > PIECE else self._single
        return self._guarded(how, lambda timeout: self._settled([*first, *coming], timeout))

    def nodes(self) -> Sequence[RedisNode]:
        """Every server with keys. Raises Unavailable."""
        return self._guarded(self._single, lambda timeout: self._nodes(timeout.sound).each)

    def run_on(self, node: RedisNode, commands: Sequence[Words]) -> list[Reply]:
        """Run the commands on that server. Raises Unavailable."""
        if not commands:
            return []
        how = self._batch if len(commands) > PIECE else self._single
        return self._guarded(
            how, lambda timeout: _sound(exchanged({node: commands}, timeout)[node])
        )

    def warm_up(self, connections: int, within: float) -> None:
        """Open this number of connections to every server, within `within` seconds.

        Raises:
            Unavailable: the time was too short, or no server answered.
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
                timeout = how.timeout if sound else how.timeout.after_failure()
                return work(timeout.before_deadline())
            except (TimeoutError, RedisTimeoutError) as error:
                raise Late(self._part, error) from error
            except (RedisError, OSError) as error:
                self.close()  # another server may have taken over the address
                raise Unavailable(self._part, error) from error

    def _settled(self, commands: Sequence[Command], timeout: ResponseTimeouts) -> list[Reply]:
        if not commands:
            return []
        replies = self._shared_out(commands, timeout, ())
        unmet = [n for n, reply in enumerate(replies) if _may_work_at_once(reply)]
        if unmet:
            moved = [reply for reply in replies if isinstance(reply, MovedError)]
            if moved:
                self._read_slots_again(moved[0])
            again = self._shared_out([commands[n] for n in unmet], timeout, self._loading)
            for n, reply in zip(unmet, again, strict=True):
                replies[n] = reply
        return _sound(replies)

    def _read_slots_again(self, moved: MovedError) -> None:
        """Forget which server has which slot, and ask the new server of the slot first.

        The other servers may know of the move a moment later.
        """
        with self._lock:
            place = {"host": moved.host or self._seed["host"], "port": moved.port}
            self._seeds = ({**self._seed, **place}, *self._seeds)
        self.close()

    def _shared_out(
        self, commands: Sequence[Command], timeout: ResponseTimeouts, first: Sequence[Words]
    ) -> list[Reply]:
        """Run each command on the server of its key; `first` runs first on every server."""
        nodes = self._nodes(timeout.sound)
        shares: dict[RedisNode, list[int]] = {}
        for number, command in enumerate(commands):
            shares.setdefault(nodes.owner(command.key), []).append(number)
        answers = exchanged(
            {node: [*first, *(commands[n].words for n in share)] for node, share in shares.items()},
            timeout,
        )
        replies: list[Reply] = [None] * len(commands)
        for node, share in shares.items():
            for number, reply in zip(share, answers[node][len(first) :], strict=True):
                replies[number] = reply
        return replies

    def _nodes(self, timeout: float) -> RedisNodes:
        if self._known is None:
            self._opening.wait_for_late(ServerActivity(), timeout)
        known = self._known
        return known or self._keep(
            self._opening.open(self._find, ServerActivity(), timeout, self._keep)
        )

    def _find(self) -> RedisNodes:
        return found(self._seeds, self._loading, self._opening)

    def _keep(self, nodes: RedisNodes) -> RedisNodes:
        with self._lock:
            if self._known is None:
                self._known, self._seeds = nodes, (self._seed, *nodes.addresses)
            known = self._known
        if nodes is not known:
            nodes.close()  # another thread opened them first
        return known


def _may_work_at_once(reply: Reply) -> bool:
    """Whether the command failed because the script is missing or its slot was moved."""
    return isinstance(reply, NoScriptError | MovedError)


def _sound(replies: list[Reply]) -> list[Reply]:
    for reply in replies:
        if isinstance(reply, RedisError):
            raise reply
    return replies
