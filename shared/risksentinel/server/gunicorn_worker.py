"""BufferingWorker: gunicorn's worker for a function; only complete requests get a thread."""

from os import getppid
from types import FrameType

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]  # has no types
from typing_extensions import override

from risksentinel.server.bounds import Bounds
from risksentinel.server.server import Server
from risksentinel.settings import Settings


class BufferingWorker(Worker):  # type: ignore[misc]  # the same
    """Runs the bounded server in gunicorn's forked process, on gunicorn's sockets."""

    _server: Server | None = None

    @override
    def run(self) -> None:
        """Serve until SIGTERM or the end of the parent; then finish the requests in progress."""
        bounds = Bounds.of(
            Settings.read(),
            threads=self.cfg.threads,
            idle=self.cfg.keepalive,
            behind_proxy=True,
        )
        sockets = [each.sock for each in self.sockets]
        server = self._server = Server(self.wsgi, bounds, sockets)
        while self.alive and self.ppid == getppid():
            self.notify()
            server.step()
        server.drain(self.cfg.graceful_timeout, self.notify)
        server.close()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        if self._server is not None:
            self._server.wake()
