"""The activator's HTTP server; on shutdown it drains requests and accepts no new ones."""

from socket import socket
from typing import Final

from infra.devstack.activator.activator import Activator
from infra.devstack.activator.buffering_proxy import AnyReachable, buffering_proxy
from infra.devstack.activator.function_process import STOPPED_WITHIN
from infra.devstack.gateway.forwarded_request import ANSWERED_WITHIN
from infra.devstack.servers.spawn import KILLED_WITHIN
from risksentinel.server.bounds import Bounds
from risksentinel.server.server import THREADS_SECONDS, Server

UNDER_WAY: Final = 16  # threads for requests in flight, and for rejected requests
_MARGIN: Final = 5.0  # seconds, for a busy machine
ENDED_WITHIN: Final = ANSWERED_WITHIN + THREADS_SECONDS + STOPPED_WITHIN + KILLED_WITHIN + _MARGIN


class ActivatorServer:
    """Serves one activator on one socket, once."""

    def __init__(self, name: str, active: Activator[AnyReachable], listen_socket: socket) -> None:
        self._active: Activator[AnyReachable] = active
        self._shutting_down = False
        # A rejected request must not wait behind the buffered ones.
        threads = active.limits.max_buffered + UNDER_WAY
        bounds = Bounds(threads, waiting=threads)
        self._server = Server(buffering_proxy(name, active), bounds, [listen_socket])

    def shut_down(self) -> None:
        """Request the shutdown; safe in a signal handler."""
        self._shutting_down = True
        self._server.wake()

    def run(self) -> None:
        """Serve until `shut_down` is called or the activator itself fails."""
        self._active.begin()
        try:
            while not (self._shutting_down or self._active.failed):
                self._server.step()
        finally:
            self._active.shut_down()
            # Connections that are not accepted yet wait in the socket's queue for the next
            # activator.
            self._server.drain(ANSWERED_WITHIN, linger=0.0)
            self._server.close()
            self._active.close()
