"""One open connection to one Redis server: whole batches of commands, without waiting for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from redis.connection import Connection, parse_url
from redis.exceptions import RedisError, ResponseError

from risksentinel.errors import Misconfigured

Words = Sequence[bytes]  # a command, as Redis takes it
Reply = Any  # bytes, a number, a list of such, None, or the ResponseError that was answered
Options = Mapping[str, Any]  # what redis-py's connections are made with


class _Line(Protocol):
    """What redis-py's connections do; they carry no types of their own."""

    handshake_metadata: Mapping[bytes, Any]

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def can_read(self, timeout: float = 0) -> bool: ...

    def send_packed_command(self, command: Sequence[bytes]) -> None: ...

    def read_response(self) -> Reply: ...


_parsed: Callable[[str], dict[str, Any]] = parse_url


def options_of(url: str, patience: float) -> Options:
    """How to connect to that address, and to hear nothing for `patience` seconds at most.

    Raises:
        Misconfigured: it is no address of a Redis.
    """
    try:
        options = _parsed(url)
    except ValueError:
        raise Misconfigured(
            "the address of a Redis must begin with redis://, rediss:// or unix://"
        ) from None
    return options | {
        "protocol": 3,  # its greeting says whether the server belongs to a cluster
        "decode_responses": False,
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
    }


@dataclass(slots=True)
class Pulse:
    """When a server last said anything, on whichever connection."""

    felt_at: float = 0.0


class RedisConnection:
    """Used by one thread at a time. After an error it is good for nothing but to be closed."""

    def __init__(self, options: Options, pulse: Pulse) -> None:
        self._pulse, self._patience = pulse, float(options["socket_timeout"])
        self._sent_at = 0.0
        make: Callable[..., _Line] = options.get("connection_class", Connection)
        self._line = make(**{name: options[name] for name in options if name != "connection_class"})
        self._line.connect()

    @property
    def of_a_cluster(self) -> bool:
        """Whether the server is one of many that share the keys."""
        return bool(self._line.handshake_metadata[b"mode"] == b"cluster")

    @property
    def usable(self) -> bool:
        """Whether nothing came unasked, not even the end of the connection."""
        try:
            return not self._line.can_read()
        except (RedisError, OSError):
            return False

    def send(self, commands: Sequence[Words]) -> None:
        """Write all of them at once."""
        self._line.send_packed_command([b"".join(map(_packed, commands))])
        self._sent_at = monotonic()

    def receive(self, count: int, until: float) -> list[Reply]:
        """Read the replies to so many commands.

        Replies that are there are read, however late we are ourselves: a process that did not get
        its turn must not take a server for gone. One that is busy with what others asked of it
        is not gone either.

        Raises:
            TimeoutError: the server showed no sign of life for its patience, or it is past `until`.
        """
        replies: list[Reply] = []
        while len(replies) < count:
            self._wait(until)
            replies.append(self._reply())
        self._pulse.felt_at = monotonic()
        return replies

    def _wait(self, until: float) -> None:
        patient_for = 0.0
        while not self._line.can_read(patient_for):
            alive = max(self._sent_at, self._pulse.felt_at)
            patient_for = min(until, alive + self._patience) - monotonic()
            if patient_for <= 0:
                raise TimeoutError

    def ask(self, commands: Sequence[Words], until: float) -> list[Reply]:
        """Write all of them, then read all replies."""
        self.send(commands)
        return self.receive(len(commands), until)

    def close(self) -> None:
        """Give the socket back."""
        self._line.disconnect()

    def _reply(self) -> Reply:
        try:
            return self._line.read_response()
        except ResponseError as refusal:
            return refusal


def _packed(words: Words) -> bytes:
    # A third of what redis-py's own packing of words of any type costs.
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(w), w) for w in words]))
