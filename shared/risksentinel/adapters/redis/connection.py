"""RedisConnection: pipelined batches of commands on one open connection."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Final, Protocol

from redis.connection import Connection, parse_url
from redis.exceptions import RedisError, ResponseError

from risksentinel.adapters.redis.waiting import BUSY_WITHIN, ServerActivity, wait_until
from risksentinel.errors import Misconfigured

Words = Sequence[bytes]  # a command and its arguments
Reply = Any  # bytes, a number, a list of these, None, or a ResponseError
ConnectionOptions = Mapping[str, Any]  # arguments of redis-py's connections

SECONDS_A_COMMAND: Final = 0.01  # for each command, in addition to BUSY_WITHIN
_ENCRYPTED: Final = "rediss://"
_CONNECTED_WITHIN: Final = 0.5  # seconds; callers have shorter timeouts of their own
_GREETED_WITHIN: Final = 1.0  # seconds for each reply of the handshake; callers have shorter ones
_BETWEEN_PARTS: Final = 0.25  # seconds between two parts of one reply, or of one request


class _Line(Protocol):
    """The methods of redis-py's connections that are used; redis-py has no types for them."""

    handshake_metadata: Mapping[bytes, Any]

    def connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def can_read(self, timeout: float = 0) -> bool: ...

    def send_packed_command(self, command: Sequence[bytes]) -> None: ...

    def read_response(self) -> Reply: ...

    def update_current_socket_timeout(self, relaxed_timeout: float) -> None: ...


_parsed: Callable[[str], dict[str, Any]] = parse_url


def options_of(url: str, ca_file: str = "") -> ConnectionOptions:
    """The connection options of a URL; `ca_file` signs the certificate of a rediss:// server.

    Raises:
        Misconfigured: the URL is not one of a Redis, or the file is missing or without use.
    """
    try:
        options = _parsed(url)
    except ValueError:
        raise Misconfigured(
            "the address of a Redis must begin with redis://, rediss:// or unix://"
        ) from None
    if ca_file:
        options |= _signed_by(ca_file, url)
    return options | {
        "protocol": 3,  # its handshake tells whether the server belongs to a cluster
        "decode_responses": False,
        "socket_timeout": _GREETED_WITHIN,
        "socket_connect_timeout": _CONNECTED_WITHIN,
    }


def _signed_by(ca_file: str, url: str) -> dict[str, str]:
    if not url.startswith(_ENCRYPTED):
        raise Misconfigured(f"REDIS_CA_FILE needs a REDIS_URL that begins with {_ENCRYPTED}")
    if not Path(ca_file).is_file():
        raise Misconfigured(f"REDIS_CA_FILE: there is no file {ca_file}")
    return {"ssl_ca_certs": ca_file}


class RedisConnection:
    """A connection for one thread at a time.

    After a TimeoutError replies are outstanding: the connection can be used again after they are
    read. After any other error it must be closed.
    """

    def __init__(self, options: ConnectionOptions, activity: ServerActivity) -> None:
        self._activity, self._owed = activity, 0
        make: Callable[..., _Line] = options.get("connection_class", Connection)
        self._line = make(**{name: options[name] for name in options if name != "connection_class"})
        self._line.connect()
        self._line.update_current_socket_timeout(_BETWEEN_PARTS)

    @property
    def of_a_cluster(self) -> bool:
        """Whether the server belongs to a cluster."""
        return bool(self._line.handshake_metadata[b"mode"] == b"cluster")

    @property
    def usable(self) -> bool:
        """Whether nothing is readable: neither unexpected data nor the end of the connection."""
        try:
            return not self._line.can_read()
        except (RedisError, OSError):
            return False

    @property
    def owed(self) -> int:
        """The number of outstanding replies."""
        return self._owed

    def send(self, commands: Sequence[Words]) -> None:
        """Write all commands at once."""
        self._owed += len(commands)
        self._line.send_packed_command([b"".join(map(_packed, commands))])

    def receive(self, count: int, timeout: float) -> list[Reply]:
        """Read the replies to this number of commands.

        Response activity is a reply on any connection to the server: a server that is busy with
        commands of other callers is not unavailable.

        Raises:
            TimeoutError: no response activity for `timeout` seconds; or activity, but no replies
                within the longer of BUSY_WITHIN and `timeout`, plus SECONDS_A_COMMAND for each
                command.
        """
        left = max(timeout, BUSY_WITHIN) + count * SECONDS_A_COMMAND
        can_read, activity = self._line.can_read, self._activity
        replies: list[Reply] = []
        try:
            for _ in range(count):
                left = wait_until(can_read, activity, timeout, left)
                replies.append(self._read())
        except TimeoutError:
            activity.timed_out_at = monotonic()
            raise
        return replies

    def ask(self, commands: Sequence[Words], timeout: float) -> list[Reply]:
        """Write all commands, then read all replies."""
        self.send(commands)
        return self.receive(len(commands), timeout)

    def close(self) -> None:
        """Close the socket."""
        self._line.disconnect()

    def _read(self) -> Reply:
        try:
            reply = self._line.read_response()
        except ResponseError as refusal:
            reply = refusal
        self._owed -= 1
        self._activity.answered_at = monotonic()
        return reply


def _packed(words: Words) -> bytes:
    # Takes a third of the time of redis-py's packing, which accepts arguments of any type.
    return b"*%d\r\n%b" % (len(words), b"".join([b"$%d\r\n%b\r\n" % (len(w), w) for w in words]))
