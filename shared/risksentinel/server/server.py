"""Server: serves a WSGI application on listening sockets, within bounds."""

from collections.abc import Callable, Sequence
from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from waitress import wasyncore
from waitress.adjustments import Adjustments

from risksentinel.server.body_memory import BodyMemory
from risksentinel.server.bounds import MAX_BODIES_BYTES, MAX_HEADER_BYTES, MAX_READ_BYTES, Bounds
from risksentinel.server.channel import Channel
from risksentinel.server.listener import Listener
from risksentinel.server.work_queue import WorkQueue

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DRAIN_SECONDS: Final = 10.0  # for requests in progress
RECEIVED_AT_ONCE: Final = 64 * 1024
LINGER_SECONDS: Final = 2.0  # for a request that a client is sending over an open connection
_STEP_SECONDS: Final = 0.5
THREADS_SECONDS: Final = 5  # for threads whose client is gone


class Server:
    """One loop receives and sends for all connections; threads handle complete requests.

    A slow client costs memory, not a thread.
    """

    def __init__(
        self, application: "WSGIApplication", bounds: Bounds, sockets: Sequence[socket]
    ) -> None:
        self._sockets: dict[int, Any] = {}
        self._work = WorkQueue(bounds)
        memory = BodyMemory(MAX_BODIES_BYTES)
        adjustments = Adjustments(
            sockets=list(sockets),
            threads=bounds.threads,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=MAX_READ_BYTES,
            recv_bytes=RECEIVED_AT_ONCE,
            inbuf_overflow=MAX_READ_BYTES,  # bodies stay in memory, which BodyMemory counts
            clear_untrusted_proxy_headers=not bounds.behind_proxy,
            log_socket_errors=False,
            ident=None,
        )
        self._listeners = [
            Listener(application, each, bounds, self._work, memory, adjustments, self._sockets)
            for each in sockets
        ]

    def run(self) -> None:
        """Serve until SystemExit or KeyboardInterrupt; then finish the requests in progress."""
        try:
            while True:
                self.step()
        except (SystemExit, KeyboardInterrupt):
            self.drain(linger=0.0)

    def step(self) -> None:
        """Receive and send what is possible; wait half a second at most."""
        wasyncore.loop(timeout=_STEP_SECONDS, use_poll=True, map=self._sockets, count=1)

    def wake(self) -> None:
        """End the wait of `step`; safe in a signal handler."""
        self._listeners[0].pull_trigger()

    def drain(
        self,
        seconds: float = DRAIN_SECONDS,
        each_step: Callable[[], object] = lambda: None,
        *,
        linger: float = LINGER_SECONDS,
    ) -> None:
        """Accept no connection, finish the requests in progress, then stop the threads.

        Idle connections stay open for `linger` seconds, for a request that is on its way.
        """
        for listener in self._listeners:
            listener.accepting = False
            listener.draining = True
        began = monotonic()
        while (elapsed := monotonic() - began) < seconds:
            if not self._is_wanted(idle_too=elapsed < linger):
                break
            each_step()
            self.step()
        self._work.shutdown(timeout=THREADS_SECONDS)

    def close(self) -> None:
        """Close all sockets."""
        wasyncore.close_all(self._sockets, ignore_all=True)

    def _is_wanted(self, *, idle_too: bool) -> bool:
        channels = self._channels()
        return any(idle_too or each.is_busy for each in channels)

    def _channels(self) -> list[Channel]:
        return [channel for listener in self._listeners for channel in listener.channels]
