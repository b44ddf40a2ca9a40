"""Publisher on Kafka: announcements go to their topics, and their order within a key stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from risksentinel.adapters.kafka.records import record_of
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.events.event import Event
from risksentinel.ports.announcements import Delivery


@dataclass(frozen=True, slots=True)
class KafkaPublisher:
    """Meets `ports.Publisher`. Nothing is left on its way when a call returns."""

    sender: KafkaSender

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Deliver in order; answers one delivery an event.

        An event that waited for the broker in vain is HELD, so that no attempt is counted.

        Raises:
            Unavailable: the broker took none of them, because it does not answer.
        """
        return self.sender.send([record_of(event) for event in events])

    def close(self) -> None:
        """Let go of the broker."""
        self.sender.close()
