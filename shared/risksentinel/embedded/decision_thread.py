"""The thread that publishes the events of decisions, so that no payment waits for a terminal."""

from collections.abc import Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Final

from risksentinel.events.event import Event
from risksentinel.ports.publishing import Publisher

STOP_SECONDS: Final = 15.0  # the longest wait for the last events


class DecisionThread:
    """Publishes the events that it takes, in order, until it is asked to stop."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._taken: SimpleQueue[Sequence[Event] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="decisions", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def take(self, events: Sequence[Event]) -> None:
        """Publish these events after the earlier ones."""
        self._taken.put(events)

    def ask_to_stop(self) -> None:
        """Publish the events that were taken, then end."""
        self._taken.put(None)

    def join(self) -> None:
        """Wait until the thread has ended, STOP_SECONDS at most."""
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while (events := self._taken.get()) is not None:
            self._publisher.publish(events)
