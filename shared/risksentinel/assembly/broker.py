"""The broker: publishes events to Kafka. Without KAFKA_BOOTSTRAP_SERVERS there is no broker."""

from collections.abc import Sequence
from typing import Final

from risksentinel.adapters.in_time import InTime
from risksentinel.assembly.brokers import brokers
from risksentinel.assembly.container import Container, built_once
from risksentinel.errors import Late
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Publisher

AT_ONCE: Final = 8  # payments that wait for the broker
MAX_SECONDS: Final = 60.0  # a deadline is shorter, and so are the timeouts of the client


def has_broker(container: Container) -> bool:
    """Whether the settings name a Kafka broker; without one the outbox delivers its events."""
    return bool(container.settings.kafka_bootstrap_servers)


@built_once
def publisher(container: Container) -> Publisher | None:
    """The publisher to Kafka; None without a broker."""
    return LazyPublisher(container) if has_broker(container) else None


class LazyPublisher:
    """Meets `ports.Publisher`; imports the Kafka client at the first publish.

    The import takes 100 ms of a cold start, and the first response does not need the client. A
    payment with a deadline does not wait longer for the broker; then it may be published all the
    same.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._in_time = InTime[list[Delivery]](AT_ONCE, lambda: Late("broker"))

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Publish in order; returns one delivery for each event. Raises Unavailable."""
        return self._in_time.run(
            lambda: _kafka_publisher(self._container).publish(events), MAX_SECONDS
        )


@built_once
def _kafka_publisher(container: Container) -> Publisher:
    from risksentinel.adapters.kafka.publisher import KafkaPublisher  # noqa: PLC0415 - 100 ms
    from risksentinel.adapters.kafka.sender import KafkaSender  # noqa: PLC0415 - 100 ms

    sender = KafkaSender(brokers(container.settings))
    container.on_close(sender.close)
    return KafkaPublisher(sender)
