"""Dead letters: events that no consumer accepted, on Kafka or else in the database."""

from risksentinel.adapters.sql.dead_letters import SqlDeadLetters
from risksentinel.assembly.broker import has_broker
from risksentinel.assembly.brokers import brokers
from risksentinel.assembly.container import Container
from risksentinel.ports.publishing import DeadLetters


def dead_letters(container: Container) -> DeadLetters:
    """The dead letters: on Kafka if the settings name a broker, else in the database."""
    return _on_kafka(container) if has_broker(container) else SqlDeadLetters(container.engine)


def _on_kafka(container: Container) -> DeadLetters:
    from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters  # noqa: PLC0415 - 100 ms
    from risksentinel.adapters.kafka.sender import (  # noqa: PLC0415 - 100 ms
        LARGEST_UNCOMPRESSED_REPLAY,
        REPLAY_BUDGET,
        KafkaSender,
    )

    servers = brokers(container.settings)
    sender = KafkaSender(servers, budget=REPLAY_BUDGET, largest=LARGEST_UNCOMPRESSED_REPLAY)
    container.on_close(sender.close)
    return KafkaDeadLetters(servers, sender)
