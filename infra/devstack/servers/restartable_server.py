"""The interface of a local server, of one process or several."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from risksentinel.errors import RiskSentinelError


class ServerFailed(RiskSentinelError):
    """A server did not start; the message quotes its log."""


class RestartableServer(ABC):
    """A server that can be stopped or killed, and restarted with the same ports and data."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """The connection variables of the server; a restart does not change them."""

    @abstractmethod
    def start(self) -> None:
        """Start the server, and wait until it answers; does nothing while it runs.

        Raises:
            ServerFailed: the server exited, or did not answer in time.
            Misconfigured: the server is not installed.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop the server; kill it if that takes too long."""

    @abstractmethod
    def kill(self) -> None:
        """Kill the server at once, as a power cut does."""

    @abstractmethod
    def discard(self) -> None:
        """Stop the server, and delete its folder if that is temporary."""

    def restart(self) -> None:
        """Stop and start the server, with the same ports and data."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.discard()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()
