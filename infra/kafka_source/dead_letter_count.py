"""Counts the dead letters of a source's topics that were not replayed."""

from collections.abc import Sequence
from threading import Event as Flag
from typing import Final

import structlog

from infra.kafka_source.metrics import SourceMetrics
from risksentinel.adapters.kafka.brokers import Servers
from risksentinel.adapters.kafka.clients import KafkaError
from risksentinel.adapters.kafka.dead_letters import id_of_letter, replayed_by
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.types import ConsumerRecord, Partition
from risksentinel.errors import Unavailable
from risksentinel.events.registry import dead_letter_topic

POLL_EVERY: Final = 1.0  # seconds
_TIMEOUT_MS: Final = 2000
_POLL_MS: Final = 200
_log = structlog.get_logger(__name__)


def count_dead_letters(
    servers: Servers, topics: Sequence[str], metrics: SourceMetrics, stop: Flag
) -> None:
    """Read the dead letter topics, and set the metric each second, until `stop` is set."""
    while not stop.is_set():
        try:
            _count(servers, topics, metrics, stop)
        except (KafkaError, Unavailable) as error:
            metrics.dead_letters({})
            _log.warning("source.dead_letters_not_counted", reason=type(error).__name__)
            stop.wait(POLL_EVERY)


def _count(servers: Servers, topics: Sequence[str], metrics: SourceMetrics, stop: Flag) -> None:
    origins = {dead_letter_topic(topic): topic for topic in topics}
    with KafkaLog.opened(servers) as log:
        held: list[Partition] = []
        letters: dict[Partition, dict[str, int]] = {}
        while not stop.wait(POLL_EVERY):
            found = [place for name in origins for place in log.partitions(name)]
            if found != held:
                held, letters = found, {place: {} for place in found}
                log.consumer.assign(held)
            if held:
                _read(log, letters)
            existing = {name for name, _ in held}
            metrics.dead_letters(
                {
                    topic: sum(len(ids) for place, ids in letters.items() if place[0] == name)
                    for name, topic in origins.items()
                    if name in existing
                }
            )


def _read(log: KafkaLog, letters: dict[Partition, dict[str, int]]) -> None:
    while records := log.consumer.poll(timeout_ms=_POLL_MS):
        for partition, some in records.items():
            for record in some:
                _count_letter(letters[partition], record)
    oldest = log.consumer.beginning_offsets(list(letters), timeout_ms=_TIMEOUT_MS)
    for partition, ids in letters.items():  # retention deletes letters too
        for gone in [each for each, offset in ids.items() if offset < oldest[partition]]:
            del ids[gone]


def _count_letter(ids: dict[str, int], record: ConsumerRecord) -> None:
    replayed = replayed_by(record)
    if replayed is None:
        ids[id_of_letter(record)] = record.offset
    else:
        ids.pop(replayed, None)
