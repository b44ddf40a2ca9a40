"""Channel: one connection, with deadlines for what it receives."""

from functools import partial
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from typing_extensions import override
from waitress.adjustments import Adjustments
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser

from risksentinel.server.arrived_task import ArrivedTask
from risksentinel.server.bounds import LARGE_BODY_BYTES, Bounds
from risksentinel.server.direct_responses import refusal
from risksentinel.server.request_parser import RequestParser

if TYPE_CHECKING:
    from risksentinel.server.listener import Listener


class Channel(HTTPChannel):
    """A connection that is closed when it is idle or sends too slowly."""

    task_class = ArrivedTask
    server: "Listener"
    requests: list[HTTPRequestParser]

    def __init__(
        self,
        server: "Listener",
        sock: socket,
        addr: Any,  # noqa: ANN401 - the socket module's
        adj: Adjustments,
        map: Any = None,  # noqa: A002, ANN401 - waitress's name
    ) -> None:
        self._since = monotonic()  # of the last progress: see `is_overdue`
        self._timed: tuple[HTTPRequestParser | None, bool] = (None, False)
        self._served = False  # whether a request of the connection was answered
        super().__init__(server, sock, addr, adj, map=map)
        self.parser_class = cast(
            "type[HTTPRequestParser]", partial(RequestParser, memory=server.memory)
        )

    @property
    def is_large(self) -> bool:
        """Whether the first complete request has a large body."""
        return self.requests[0].body_bytes_received > LARGE_BODY_BYTES

    @property
    def is_busy(self) -> bool:
        """Whether a request is handled or answered, or its body is received."""
        receives = self.request is not None and self.request.headers_finished
        return bool(receives or self.requests or self.total_outbufs_len)

    @property
    def is_replaceable(self) -> bool:
        """Whether the connection may be closed for a new one."""
        return not (self.requests or self.will_close or self.close_when_flushed)

    @property
    def is_ending(self) -> bool:
        """Whether the connection ends after the answers so far."""
        return self.will_close or self.close_when_flushed

    @property
    def worth(self) -> tuple[bool, float]:
        """The least is closed first: without any response yet, then idle for longest."""
        return self._served, self._since

    @override
    def received(self, data: bytes) -> bool:
        taken = super().received(data)
        state = self.request, self.request is not None and self.request.headers_finished
        # A byte more of the same headers or the same body is no progress.
        if self.request is None or state != self._timed:
            self._since = monotonic()
        self._timed = state
        return taken

    @override
    def service(self) -> None:
        large = self.is_large
        try:
            super().service()
        finally:
            self._since, self._served = monotonic(), True
            if large:
                self.server.work.finished_large()

    def _flush_some(self, do_close: bool = True) -> bool:  # noqa: FBT001, FBT002 - waitress's
        sent: bool = super()._flush_some(do_close=do_close)  # type: ignore[misc]  # no stub
        if sent:
            self._since = monotonic()
        return sent

    def is_overdue(self, now: float, bounds: Bounds) -> bool:
        """Whether the connection has to end: it is idle, or its request is late."""
        if self.requests or self.will_close:
            return False
        if self.request is None or self.total_outbufs_len or self.close_when_flushed:
            most = bounds.idle
        else:
            most = bounds.body if self.request.headers_finished else bounds.header
        return now - self._since > most

    def end(self) -> None:
        """Close the connection; a client in the middle of a request gets 408."""
        if self.request is not None and not self.total_outbufs_len and not self.close_when_flushed:
            self.server.refused[408] += 1
            self.answer(refusal(408, close=True), close=True)
        else:
            self.will_close = True

    def drop_requests(self) -> None:
        """Forget the requests that will not be answered."""
        for request in self.requests:
            request.close()
        self.requests.clear()

    def answer(self, response: bytes, *, close: bool) -> None:
        """Send a complete response without a thread."""
        try:
            self.write_soon(response)
        except ClientDisconnected:
            close = True
        if close:
            self.close_when_flushed = True

    @override
    def handle_close(self) -> None:
        if self.request is not None:
            self.request.close()
            self.request = None
        super().handle_close()
