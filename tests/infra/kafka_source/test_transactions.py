"""Records of transactional producers, on a real broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from kafka import KafkaProducer  # type: ignore[import-untyped]  # it has no types

from risksentinel.adapters.kafka.clients import open_admin, partition_of
from risksentinel.adapters.kafka.records import record_of
from tests.adapters.kafka.topics import event, records_of
from tests.infra.kafka_source.function import function
from tests.infra.kafka_source.sources import RunningSource, options, running, until


@contextmanager
def transactional(servers: str) -> Iterator[Any]:
    """A transactional producer."""
    producer = KafkaProducer(bootstrap_servers=servers, transactional_id=f"bank-{uuid4()}")
    producer.init_transactions()
    try:
        yield producer
    finally:
        producer.close()


def write(producer: Any, topic: str, *numbers: int) -> None:  # noqa: ANN401 - kafka-python's own
    """Write events in the open transaction."""
    for number in numbers:
        record = record_of(event(number, topic))
        producer.send(topic, record.value, record.key, list(record.headers)).get(10)


def lag(source: RunningSource) -> float | None:
    """Return the lag metric of the only partition."""
    labels = {"group": source.options.group, "topic": source.options.topics[0], "partition": "0"}
    return source.metrics.registry.get_sample_value("risksentinel_source_lag", labels)


def committed(servers: str, source: RunningSource) -> int:
    """Return the committed offset of the group."""
    admin = open_admin(servers, 10.0)
    try:
        found = admin.list_group_offsets(source.options.group)[source.options.group]
    finally:
        admin.close()
    place = found.get(partition_of(source.options.topics[0], 0))
    return int(place.offset) if place else 0


def test_only_committed_payments_are_scored(servers: str, topic: str) -> None:
    """Payments of an aborted transaction are not scored and raise no alert."""
    with (
        transactional(servers) as bank,
        function() as there,
        running(options(servers, topic, there.address)) as source,
    ):
        bank.begin_transaction()
        write(bank, topic, 0, 1)
        bank.commit_transaction()
        bank.begin_transaction()
        write(bank, topic, 2, 3)
        bank.abort_transaction()
        bank.begin_transaction()
        write(bank, topic, 4)
        until(lambda: len(there.ids) == 2, "the first transaction")
        open_yet = list(there.ids)
        bank.commit_transaction()
        until(lambda: len(there.ids) == 3, "the last transaction")
        until(lambda: lag(source) == 0, "a lag of 0")

    assert open_yet == ["e0", "e1"]
    assert there.ids == ["e0", "e1", "e4"]
    assert records_of(servers, f"{topic}.dlq") == []


def test_an_aborted_transaction_leaves_no_lag(servers: str, topic: str) -> None:
    """Aborted records and markers stay in the topic and must not count as lag."""
    with (
        transactional(servers) as bank,
        function() as there,
        running(options(servers, topic, there.address)) as source,
    ):
        bank.begin_transaction()
        write(bank, topic, 0)
        bank.commit_transaction()
        until(lambda: len(there.ids) == 1, "the committed one")
        bank.begin_transaction()
        write(bank, topic, 1, 2)
        bank.abort_transaction()
        end = 5  # one record and a marker, two records and a marker
        until(lambda: committed(servers, source) == end, "the offset behind the last marker")
        until(lambda: lag(source) == 0, "a lag of 0")

    assert there.ids == ["e0"]
