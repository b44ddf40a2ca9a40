"""KafkaPublisher: publishes events to their topics, in order for each key."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery


@dataclass(frozen=True, slots=True)
class KafkaPublisher:
    """Meets `ports.Publisher`. No record is in flight after a call."""

    sender: KafkaSender

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Publish in order; answers one delivery for each event.

        An event is HELD where the broker does not answer, so that no attempt is counted.

        Raises:
            Unavailable: the broker does not answer, and took no event.
        """
        return self.sender.send([record_of(event) for event in events])

    def close(self) -> None:
        """Close the connection to the broker."""
        self.sender.close()
