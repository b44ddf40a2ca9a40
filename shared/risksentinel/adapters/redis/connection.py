"""One open connection to one Redis server: whole batches of commands, without waiting for each."""

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Final, Protocol

from redis.connection import Connection, parse_url
from redis.exceptions import RedisError, ResponseError

from risksentinel.adapters.redis.waiting import BUSY_WITHIN, Pulse, wait_until
from risksentinel.errors import Misconfigured

Words = Sequence[bytes]  # a command, as Redis takes it
Reply = Any  # bytes, a number, a list of such, None, or the ResponseError that was answered
ConnectionOptions = Mapping[str, Any]  # what redis-py's connections are made with

SECONDS_A_COMMAND: Final = 0.01  # beyond BUSY_WITHIN, for each command
_CONNECTED_WITHIN: Final = 0.5  # seconds; who waits for a connection is told earlier
_GREETED_WITHIN: Final = 1.0  # seconds for each answer of the greeting; likewise
_BETWEEN_PARTS: Final = 0.25  # seconds between two parts of one reply, or of one request


class _Line(Protocol):
    """What redis-py's connections do; they carry no types of their own."""

    handshake_metadata: Mapping[bytes, Any]

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def can_read(self, timeout: float = 0) -> bool: ...

    def send_packed_command(self, command: Sequence[bytes]) -> None: ...

    def read_response(self) -> Reply: ...

    def update_current_socket_timeout(self, relaxed_timeout: float) -> None: ...


_parsed: Callable[[str], dict[str, Any]] = parse_url


def options_of(url: str) -> ConnectionOptions:
    """How to connect to that address.

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
        "socket_timeout": _GREETED_WITHIN,
        "socket_connect_timeout": _CONNECTED_WITHIN,
    }


class RedisConnection:
    """Used by one thread at a time.

    After a TimeoutError it owes replies, and is of use again once they are settled; after any other
    error it is good for nothing but to be closed.
    """

    def __init__(self, options: ConnectionOptions, pulse: Pulse) -> None:
        self._pulse, self._owed = pulse, 0
        make: Callable[..., _Line] = options.get("connection_class", Connection)
        self._line = make(**{name: options[name] for name in options if name != "connection_class"})
        self._line.connect()
        self._line.update_current_socket_timeout(_BETWEEN_PARTS)

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

    @property
    def owed(self) -> int:
        """How many replies have not been read."""
        return self._owed

    def send(self, commands: Sequence[Words]) -> None:
        """Write all of them at once."""
        self._owed += len(commands)
        self._line.send_packed_command([b"".join(map(_packed, commands))])

    def receive(self, count: int, patience: float) -> list[Reply]:
        """Read the replies to so many commands.

        A sign of life is a reply on any connection to the server: one that is busy with what
        others asked of it is not gone.

        Raises:
            TimeoutError: the server showed no sign of life for `patience` seconds, or it lives and
                did not answer within BUSY_WITHIN, or the patience where that is longer, and
                SECONDS_A_COMMAND for each command.
        """
        left = max(patience, BUSY_WITHIN) + count * SECONDS_A_COMMAND
        can_read, pulse = self._line.can_read, self._pulse
        replies: list[Reply] = []
        try:
            for _ in range(count):
                left = wait_until(can_read, pulse, patience, left)
                replies.append(self._read())
        except TimeoutError:
            pulse.missed_at = monotonic()
            raise
        return replies

    def ask(self, commands: Sequence[Words], patience: float) -> list[Reply]:
        """Write all of them, then read all replies."""
        self.send(commands)
        return self.receive(len(commands), patience)

    def close(self) -> None:
        """Give the socket back."""
        self._line.disconnect()

    def _read(self) -> Reply:
        try:
            reply = self._line.read_response()
        except ResponseError as refusal:
            reply = refusal
        self._owed -= 1
        self._pulse.felt_at = monotonic()
        return reply


def _packed(words: Words) -> bytes:
    # A third of what redis-py's own packing of words of any type costs.
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(w), w) for w in words]))
