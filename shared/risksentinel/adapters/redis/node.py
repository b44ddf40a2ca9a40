"""RedisNode: one Redis server and its open connections."""

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from redis.exceptions import RedisError

from risksentinel.adapters.redis.connection import ConnectionOptions, RedisConnection, Words
from risksentinel.adapters.redis.opening import Opening
from risksentinel.adapters.redis.waiting import ServerActivity

_GREETED_WITHIN: Final = 5.0  # seconds; callers have shorter timeouts of their own


class RedisNode:
    """A connection pool; the same commands run first on each new connection."""

    def __init__(
        self, options: ConnectionOptions, greeting: Sequence[Words], opening: Opening
    ) -> None:
        self._options, self._greeting, self._opening = options, greeting, opening
        self._idle: list[RedisConnection] = []
        self._owing: list[RedisConnection] = []
        self.activity = ServerActivity()
        self._closed = False

    def borrow(self, timeout: float) -> RedisConnection:
        """A connection for one caller, which must give it back or close it.

        Raises:
            RedisError: the server cannot be reached.
            OSError: the same; StillOpening where the connection may still be opened later.
        """
        connection = self._idle_one() or self._settled_one(timeout)
        if connection is not None:
            return connection
        self._opening.wait_for_late(self.activity, timeout)
        try:
            return self._idle_one() or self._opening.open(
                self.connect, self.activity, timeout, self.give_back
            )
        except TimeoutError:
            self.activity.timed_out_at = monotonic()
            raise

    def warm_up(self, connections: int, until: float) -> None:
        """Open this number of idle connections. Raises as `borrow` does."""
        while len(self._idle) < connections:
            left = max(0.0, until - monotonic())
            self.give_back(self._opening.open(self.connect, ServerActivity(), left, self.give_back))

    def _idle_one(self) -> RedisConnection | None:
        while self._idle:
            with suppress(IndexError):  # another thread took the last connection
                connection = self._idle.pop()
                if connection.usable:
                    return connection
                connection.close()
        return None

    def connect(self) -> RedisConnection:
        """Open a connection, without a limit for all of it."""
        connection = RedisConnection(self._options, self.activity)
        try:
            replies = connection.ask(self._greeting, _GREETED_WITHIN)
        except BaseException:
            connection.close()
            raise
        for reply in replies:
            if isinstance(reply, RedisError):
                connection.close()
                raise reply
        return connection

    def _settled_one(self, timeout: float) -> RedisConnection | None:
        """A connection whose late replies were read; None without one. Raises TimeoutError."""
        try:
            connection = self._owing.pop()
        except IndexError:
            return None
        try:
            connection.receive(connection.owed, timeout)
        except TimeoutError:
            self.give_back(connection)
            raise
        except (RedisError, OSError):
            connection.close()
            return None
        return connection

    def give_back(self, connection: RedisConnection) -> None:
        """Keep a connection for the next caller."""
        (self._owing if connection.owed else self._idle).append(connection)
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close all connections, and each connection that is given back later."""
        self._closed = True
        for kept in (self._idle, self._owing):
            while kept:
                with suppress(IndexError):
                    kept.pop().close()
