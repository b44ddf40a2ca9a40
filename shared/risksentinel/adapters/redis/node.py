"""One Redis server and the connections that are open to it."""

from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from redis.exceptions import RedisError

from risksentinel.adapters.redis.connection import ConnectionOptions, RedisConnection, Words
from risksentinel.adapters.redis.opening import Opening
from risksentinel.adapters.redis.waiting import Pulse

_GREETED_WITHIN: Final = 5.0  # seconds; who waits for a connection is told earlier


class RedisNode:
    """Lends connections; each has been greeted with the same commands."""

    def __init__(
        self, options: ConnectionOptions, greeting: Sequence[Words], opening: Opening
    ) -> None:
        self._options, self._greeting, self._opening = options, greeting, opening
        self._idle: list[RedisConnection] = []
        self._owing: list[RedisConnection] = []
        self.pulse = Pulse()
        self._closed = False

    def borrow(self, patience: float) -> RedisConnection:
        """Answer a connection that nobody else uses; give it back, or close it.

        Raises:
            RedisError: the server cannot be reached.
            OSError: the same; StillOpening where nobody knows yet.
        """
        connection = self._idle_one() or self._settled_one(patience)
        if connection is not None:
            return connection
        self._opening.wait_for_late(self.pulse, patience)
        try:
            return self._idle_one() or self._opening.open(
                self.connect, self.pulse, patience, self.give_back
            )
        except TimeoutError:
            self.pulse.missed_at = monotonic()
            raise

    def warm_up(self, connections: int, until: float) -> None:
        """Have so many idle ones. Raises what borrowing raises."""
        while len(self._idle) < connections:
            left = max(0.0, until - monotonic())
            self.give_back(self._opening.open(self.connect, Pulse(), left, self.give_back))

    def _idle_one(self) -> RedisConnection | None:
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                connection = self._idle.pop()
                if connection.usable:
                    return connection
                connection.close()
        return None

    def connect(self) -> RedisConnection:
        """Open a connection, however long that takes."""
        connection = RedisConnection(self._options, self.pulse)
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

    def _settled_one(self, patience: float) -> RedisConnection | None:
        """One of those that were late, or None where none was. Raises TimeoutError: it still is."""
        try:
            connection = self._owing.pop()
        except IndexError:
            return None
        try:
            connection.receive(connection.owed, patience)
        except TimeoutError:
            self.give_back(connection)
            raise
        except (RedisError, OSError):
            connection.close()
            return None
        return connection

    def give_back(self, connection: RedisConnection) -> None:
        """Keep a connection for the next who borrows."""
        (self._owing if connection.owed else self._idle).append(connection)
        if self._closed:
            self.close()

    def close(self) -> None:
        """Close what is open now, and each connection that is given back later."""
        self._closed = True
        for kept in (self._idle, self._owing):
            while kept:
                with suppress(IndexError):
                    kept.pop().close()
