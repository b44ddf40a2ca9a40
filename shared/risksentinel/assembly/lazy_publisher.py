"""LazyPublisher: the broker's client is imported when there is something to announce."""

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from risksentinel.events.event import Event
from risksentinel.ports.announcements import Delivery, Publisher

if TYPE_CHECKING:
    from risksentinel.adapters.kafka.sender import KafkaSender


class LazyPublisher:
    """Meets `ports.Publisher`. An answer at a till does not wait for a tenth of a second."""

    def __init__(self, sender: Callable[[], "KafkaSender"]) -> None:
        self._sender = sender
        self._turn = Lock()

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver in order; answers one delivery an event. Raises Unavailable."""
        with self._turn:
            publisher = self._publisher
        return publisher.publish(events)

    @cached_property
    def _publisher(self) -> Publisher:
        from risksentinel.adapters.kafka.publisher import KafkaPublisher

        return KafkaPublisher(self._sender())
