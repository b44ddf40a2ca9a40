"""The activator's HTTP server; on shutdown it drains requests and accepts no new ones."""

from socket import socket
from time import monotonic
from typing import TYPE_CHECKING, Final, cast

from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.wasyncore import loop

from infra.devstack.activator.activator import Activator
from infra.devstack.activator.buffering_proxy import AnyReachable, buffering_proxy
from infra.devstack.activator.function_process import STOPPED_WITHIN
from infra.devstack.gateway.forwarded_request import ANSWERED_WITHIN
from infra.devstack.gateway.server import MAX_BYTES
from infra.devstack.servers.spawn import KILLED_WITHIN

if TYPE_CHECKING:
    from waitress.server import BaseWSGIServer

UNDER_WAY: Final = 16  # threads for requests in flight, and for rejected requests
_POLL_EVERY: Final = 0.1
_THREADS_WITHIN: Final = 5  # seconds, for waitress's threads
_MARGIN: Final = 5.0  # seconds, for a busy machine
ENDED_WITHIN: Final = ANSWERED_WITHIN + _THREADS_WITHIN + STOPPED_WITHIN + KILLED_WITHIN + _MARGIN


class ActivatorServer:
    """Serves one activator on one socket, once."""

    def __init__(self, name: str, active: Activator[AnyReachable], listen_socket: socket) -> None:
        self._active: Activator[AnyReachable] = active
        self._shutting_down = False
        self._sockets: dict[int, socket] = {}
        server = create_server(
            buffering_proxy(name, active),
            map=self._sockets,
            sockets=[listen_socket],
            # A rejected request must not wait behind the buffered ones.
            threads=active.limits.max_buffered + UNDER_WAY,
            connection_limit=2 * active.limits.max_buffered + UNDER_WAY,
            max_request_body_size=MAX_BYTES,
            ident=None,
        )
        self._server = cast("BaseWSGIServer", server)  # one socket, one server

    def shut_down(self) -> None:
        """Request the shutdown; safe in a signal handler."""
        self._shutting_down = True

    def run(self) -> None:
        """Serve until `shut_down` is called or the activator itself fails."""
        self._active.begin()
        try:
            while not (self._shutting_down or self._active.failed):
                self._run_loop_once()
            self._drain()
        finally:
            self._active.shut_down()
            self._server.task_dispatcher.shutdown(timeout=_THREADS_WITHIN)
            self._server.close()
            self._active.close()

    def _drain(self) -> None:
        # Connections that are not accepted yet wait in the socket's queue for the next activator.
        self._server.accepting = False
        self._active.shut_down()
        deadline = monotonic() + ANSWERED_WITHIN
        while any(map(_is_busy, self._sockets.values())) and monotonic() < deadline:
            self._run_loop_once()

    def _run_loop_once(self) -> None:
        # Only the loop sends the responses of the threads.
        loop(timeout=_POLL_EVERY, map=self._sockets, count=1)


def _is_busy(each: object) -> bool:
    return isinstance(each, HTTPChannel) and bool(each.requests or each.total_outbufs_len)
