"""Listener: one listening socket, and what happens to its connections and requests."""

from collections import Counter
from collections.abc import Mapping
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

import structlog
from typing_extensions import override
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import Task

from risksentinel.server.body_memory import BodyMemory
from risksentinel.server.bounds import Bounds
from risksentinel.server.channel import Channel
from risksentinel.server.direct_responses import LIVENESS, alive, refusal
from risksentinel.server.work_queue import WorkQueue
from risksentinel.telemetry.metrics import refused_requests

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SWEPT_EVERY: Final = 0.5
_ACCEPTED_AT_ONCE: Final = 64
_SHARE_CLOSED: Final = 20  # one connection of 20
_log = structlog.get_logger(__name__)


class Listener(TcpWSGIServer):
    """Accepts connections, and passes requests to threads or answers them itself."""

    channel_class = cast("type[HTTPChannel]", Channel)

    def __init__(  # noqa: PLR0913, PLR0917 - what a listener shares with the others
        self,
        application: "WSGIApplication",
        listening: socket,
        bounds: Bounds,
        work: WorkQueue,
        memory: BodyMemory,
        adj: Adjustments,
        sockets: Any,  # noqa: ANN401 - the map of waitress's loop
    ) -> None:
        self.bounds: Final = bounds
        self.work: Final = work
        self.memory: Final = memory
        self.refused: Final = Counter[int]()
        self.draining = False
        self._swept_at = self._accepted = 0.0
        self._most = bounds.open_connections
        super().__init__(
            application,
            map=sockets,
            _sock=listening,
            dispatcher=work,
            adj=adj,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            bind_socket=False,
        )

    @property
    def channels(self) -> list[Channel]:
        """The open connections."""
        return list(cast("Mapping[int, Channel]", self.active_channels).values())

    @override
    def readable(self) -> bool:
        now = monotonic()
        if now - self._swept_at > _SWEPT_EVERY:
            self._swept_at = now
            self._sweep(now)
        return self.accepting

    @override
    def handle_accept(self) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            before = self._accepted
            super().handle_accept()
            if self._accepted == before:
                return

    @override
    def set_socket_options(self, conn: socket) -> None:
        """Called for each accepted connection, before it gets its channel."""
        super().set_socket_options(conn)
        self._accepted += 1
        self._make_room(conn.getpeername()[0] if self.bounds.per_address else None)

    @override
    def add_task(self, task: Task) -> None:
        """Answer the channel's requests at once, or pass the first to a thread."""
        channel = cast("Channel", task)
        if channel.is_ending:
            # The bytes after a refused request are no request: its end is not known.
            channel.drop_requests()
        while channel.requests:
            request = channel.requests[0]
            close = self.draining or request.connection_close or request.version != "1.1"
            response = self._direct_response(channel, request, close=close)
            if response is None:
                if self.draining:
                    cast("dict[str, str]", request.headers)["CONNECTION"] = "close"
                self.work.add_task(task)
                return
            close = close or request.error is not None
            channel.requests.pop(0).close()
            channel.answer(response, close=close)
            if close:
                channel.drop_requests()

    def _direct_response(
        self, channel: Channel, request: HTTPRequestParser, *, close: bool
    ) -> bytes | None:
        if request.error is not None:
            self.refused[request.error.code] += 1
            return refusal(request.error.code, request.error.body, close=True)
        method, path = str(request.command), str(request.path)  # type: ignore[attr-defined]  # not in the stubs
        if path.rstrip("/") in LIVENESS and method in {"GET", "HEAD"}:
            return alive(with_body=method == "GET", close=close)
        if not self.work.has_room(large=channel.is_large):
            self.refused[503] += 1
            return refusal(503, close=close)
        return None

    def _make_room(self, address: str | None) -> None:
        """Close the connections that are idle for longest, so that a new one is within bounds."""
        channels = [each for each in self.channels if not each.will_close]
        if address is not None and self.bounds.per_address is not None:
            of_address = [each for each in channels if each.addr and each.addr[0] == address]
            _close_idle(of_address, len(of_address) + 1 - self.bounds.per_address)
        if len(channels) >= self._most:
            # Several at once: the search reads every connection.
            _close_idle(channels, len(channels) + 1 - self._most + self._most // _SHARE_CLOSED)

    def _sweep(self, now: float) -> None:
        for channel in self.channels:
            if channel.is_overdue(now, self.bounds):
                channel.end()
        for status, count in self.refused.items():
            refused_requests(status, count)
            _log.warning("server.refused", status=status, count=count)
        self.refused.clear()


def _close_idle(channels: list[Channel], count: int) -> None:
    if count <= 0:
        return
    idle = sorted((each for each in channels if each.is_replaceable), key=lambda each: each.worth)
    for channel in idle[:count]:
        channel.will_close = True
