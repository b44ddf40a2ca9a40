"""What every server of our own can do, be it one process or several."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Self

from risksentinel.errors import RiskSentinelError


class ServerFailed(RiskSentinelError):
    """A server did not start; the message quotes its log."""


class RestartableServer(ABC):
    """It can be stopped or killed, and started again with its ports and its data."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, str]:
        """The environment variables that lead a client here; they stay the same."""

    @abstractmethod
    def start(self) -> None:
        """Start, and wait until it answers. Does nothing while it runs.

        Raises:
            ServerFailed: it ended, or did not answer in time.
            Misconfigured: it is not installed.
        """

    @abstractmethod
    def stop(self) -> None:
        """Let it finish in order; kill it when that takes too long."""

    @abstractmethod
    def kill(self) -> None:
        """End it at once, as a power cut does."""

    @abstractmethod
    def discard(self) -> None:
        """Stop for good; a temporary folder goes, with the data."""

    def restart(self) -> None:
        """Stop and start, with the same ports and data."""
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
