"""The Prometheus metrics of a source."""

from collections.abc import Collection, Mapping
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from infra.kafka_source.health import SourceHealth
from risksentinel.adapters.kafka.types import Partition


class SourceMetrics:
    """All metrics of one source, with its consumer group as a label."""

    def __init__(self, group: str) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._group = group
        self._held: set[Partition] = set()
        self._lag = self._gauge("lag", "Records that are not handled yet", "partition")
        self._in_flight = self._gauge("in_flight", "Records fetched and not handled", "partition")
        self._partitions = self._gauge("partitions", "Partitions assigned to this source")
        self.health = SourceHealth()
        ready = Gauge(
            "risksentinel_source_ready",
            "1 if the source polls and its sink answers, else 0",
            ("group",),
            registry=self.registry,
        )
        ready.labels(group).set_function(lambda: self.health.works)
        self._letters = Gauge(
            "risksentinel_dead_letters",
            "Dead letters that were not replayed",
            ("group", "topic"),
            registry=self.registry,
        )
        self._delivered = self._counter("delivered", "Events that are done")
        self._retried = self._counter("retried", "Deliveries after the first one of an event")
        self._dead = self._counter("dead_lettered", "Events that were dead-lettered", "status")

    def delivered(self, topic: str) -> None:
        """Count an event that is done."""
        self._delivered.labels(self._group, topic).inc()

    def retried(self, topic: str, events: int) -> None:
        """Count events that are delivered again."""
        self._retried.labels(self._group, topic).inc(events)

    def dead_lettered(self, topic: str, status: int | None) -> None:
        """Count a dead letter; `status` is None if there was no HTTP response."""
        self._dead.labels(self._group, topic, str(status or "none")).inc()

    def sink_answered(self, *, unavailable: bool) -> None:
        """Record whether the function was available for the last request."""
        self.health.sink_answered(unavailable=unavailable)

    def dead_letters(self, waiting: Mapping[str, int]) -> None:
        """Set the number of dead letters of each topic; a topic that is missing gets no series."""
        self._letters.clear()
        for topic, count in waiting.items():
            self._letters.labels(self._group, topic).set(count)

    def holds(self, partitions: Collection[Partition]) -> None:
        """Set the assigned partitions; the series of other partitions are removed."""
        for topic, number in self._held.difference(partitions):
            for gauge in (self._lag, self._in_flight):
                with suppress(KeyError):
                    gauge.remove(self._group, topic, str(number))
        self._held = set(partitions)
        self._partitions.clear()
        for topic, _ in partitions:
            self._partitions.labels(self._group, topic).inc()
            self._begin(topic)

    def lag(self, records: Mapping[Partition, int]) -> None:
        """Set the number of unhandled records of each partition."""
        for (topic, number), count in records.items():
            self._lag.labels(self._group, topic, str(number)).set(max(count, 0))

    def in_flight(self, records: Mapping[Partition, int]) -> None:
        """Set the number of records in flight of each partition."""
        for (topic, number), count in records.items():
            self._in_flight.labels(self._group, topic, str(number)).set(count)

    def _begin(self, topic: str) -> None:
        # Prometheus sees no increase in a series that begins at 1: the first event would be missed.
        for counter in (self._delivered, self._retried):
            counter.labels(self._group, topic)
        self._dead.labels(self._group, topic, "none")

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        named = ("group", "topic", *labels)
        return Gauge(f"risksentinel_source_{name}", meaning, named, registry=self.registry)

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        named = ("group", "topic", *labels)
        return Counter(f"risksentinel_source_{name}", meaning, named, registry=self.registry)
