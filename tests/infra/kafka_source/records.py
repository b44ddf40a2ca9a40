"""Records as kafka-python returns them."""

from typing import NamedTuple

from infra.kafka_source.incoming import Incoming, incoming
from risksentinel.adapters.kafka.types import ConsumerRecord

ORIGIN = "/apis/v1/namespaces/default/kafkasources/payments"


class KafkaRecord(NamedTuple):
    """A record with the attributes of kafka-python's."""

    topic: str = "payments.submitted"
    partition: int = 1
    offset: int = 7
    timestamp: int = 1_777_636_800_000
    key: bytes | None = b"ZA-1"
    value: bytes | None = b'{"amount": 1}'
    headers: list[tuple[str, bytes | None]] = []  # noqa: RUF012 - never changed


def read(record: ConsumerRecord) -> Incoming:
    """Return the record as the function gets it."""
    return incoming(record, ORIGIN)
