"""A gate before a server: it forwards, does not answer, or refuses connections."""

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread


class Gate:
    """Begins open. Every change cuts the connections that were made before."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._turn = Lock()
        self._sockets: list[socket.socket] = []
        self._answering = True
        self._listener = _listener(0)
        self._port: int = self._listener.getsockname()[1]
        self._serve(self._listener)

    @property
    def url(self) -> str:
        """Where clients knock."""
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Let everything through."""
        self._become(answering=True)

    def silence(self) -> None:
        """Accept every connection and never answer."""
        self._become(answering=False)

    def shut(self) -> None:
        """Refuse every connection."""
        _end(self._listener)
        self._cut()

    def _become(self, *, answering: bool) -> None:
        self.shut()
        self._answering = answering
        self._listener = _listener(self._port)
        self._serve(self._listener)

    def _cut(self) -> None:
        with self._turn:
            sockets, self._sockets = self._sockets, []
        for each in sockets:
            _end(each)

    def _serve(self, listener: socket.socket) -> None:
        Thread(target=self._accept, args=[listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listener.accept()
                self._remember(caller)
                if self._answering:
                    server = socket.create_connection(self._target)
                    self._remember(server)
                    for pair in ((caller, server), (server, caller)):
                        Thread(target=_pass, args=pair, daemon=True).start()

    def _remember(self, each: socket.socket) -> None:
        with self._turn:
            self._sockets.append(each)


@contextmanager
def gate_before(host: str, port: int) -> Iterator[Gate]:
    """A gate for as long as the block lasts."""
    gate = Gate(host, port)
    try:
        yield gate
    finally:
        gate.shut()


def _listener(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), reuse_port=False)


def _pass(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65_536):
            sink.sendall(piece)
    _end(source)
    _end(sink)


def _end(each: socket.socket) -> None:
    # Closing the socket alone does not wake the thread that waits on it.
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
