"""One membership of the source in its consumer group, from joining to leaving."""

import time
from collections.abc import Collection
from contextlib import suppress
from typing import Final

import structlog
from typing_extensions import override

from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import SourceOptions
from infra.kafka_source.workers import Workers
from risksentinel.adapters.kafka.clients import (
    ConsumerListener,
    KafkaError,
    end_rebalance,
    forget_positions,
    offsets,
    open_consumer,
    positions,
    resume,
)
from risksentinel.adapters.kafka.types import Consumer, Partition

BUDGET: Final = 3.0  # seconds, to find a broker
POLL_MS: Final = 100
JOIN_MS: Final = 3000
MAX_BETWEEN_POLLS_MS: Final = 60_000  # after this the group continues without the source
COMMIT_EVERY: Final = 0.2  # seconds
COMMIT_MS: Final = 1000
MEASURE_EVERY: Final = 2.0
REVOKE_SECONDS: Final = 3.0  # seconds for requests in flight when partitions are revoked
STOP_SECONDS: Final = 4.0  # seconds for requests in flight when the source stops
_HEARTBEATS: Final = 5  # in a session
_log = structlog.get_logger(__name__)


class Membership:
    """Polls the broker, passes records to the workers and commits the handled offsets.

    The workers wait for the function, so this thread polls ten times a second however slow the
    function is, and never exceeds `max.poll.interval.ms`.
    """

    def __init__(self, options: SourceOptions, workers: Workers, metrics: SourceMetrics) -> None:
        """Connect; raises Unavailable."""
        self._topics, self._workers, self._metrics = options.topics, workers, metrics
        session_ms = int(options.session_timeout * 1000)
        self._consumer: Consumer = open_consumer(
            options.servers,
            BUDGET,
            group_id=options.group,
            isolation_level="read_committed",
            session_timeout_ms=session_ms,
            max_poll_interval_ms=MAX_BETWEEN_POLLS_MS,
            heartbeat_interval_ms=min(3000, session_ms // _HEARTBEATS),
        )
        self._committed: dict[Partition, int] = {}
        self._next_commit = self._next_measure = 0.0

    def join(self) -> None:
        """Subscribe to the topics; raises KafkaError."""
        handover = _Handover(self._consumer, self._workers)
        self._consumer.subscribe(self._topics, listener=handover)
        # Topics known before joining cause no second rebalance right after it.
        for missing in set(self._topics) - self._consumer.topics():
            _log.warning("source.no_such_topic", topic=missing)

    def step(self) -> None:
        """Poll, commit and measure once; takes about 0.1 s.

        Raises:
            KafkaError: this membership cannot continue.
        """
        end_rebalance(self._consumer, JOIN_MS)
        self._workers.offer(self._consumer.poll(timeout_ms=POLL_MS))
        self._metrics.health.polled()
        failure = self._workers.failure()
        if failure is not None:
            raise failure
        self._throttle()
        now = time.monotonic()
        if now >= self._next_commit:
            self._commit()
            self._next_commit = now + COMMIT_EVERY
        if now >= self._next_measure:
            self._measure()
            self._next_measure = now + MEASURE_EVERY

    def leave(self) -> None:
        """Finish the requests in flight, commit, and leave the group."""
        following = self._workers.release(None, STOP_SECONDS)
        try:
            if following:
                self._consumer.commit(offsets(following), timeout_ms=COMMIT_MS)
        except KafkaError as error:
            _log.warning("source.not_committed", reason=type(error).__name__)
        with suppress(KafkaError):  # the group removes the member when its session ends
            self._consumer.close(autocommit=False, timeout_ms=COMMIT_MS)
        self._metrics.holds(())

    def _throttle(self) -> None:
        held, paused = self._consumer.assignment(), self._consumer.paused()
        self._consumer.pause(*((self._workers.full() & held) - paused))
        resume(self._consumer, self._workers.roomy() & paused)

    def _commit(self) -> None:
        following = {
            partition: offset
            for partition, offset in {**self._workers.handled(), **self._passed()}.items()
            if self._committed.get(partition) != offset
        }
        if not following:
            return
        try:
            self._consumer.commit(offsets(following), timeout_ms=COMMIT_MS)
        except KafkaError as error:  # retried with the next step, unless the partition was revoked
            _log.warning("source.not_committed", reason=type(error).__name__)
        else:
            self._committed |= following

    def _passed(self) -> dict[Partition, int]:
        """Return the positions of the partitions whose records are all handled.

        Such a position is after the last record and after the transaction markers and aborted
        records that follow it: these have offsets too, and would otherwise count as lag forever.
        """
        busy = {partition for partition, count in self._workers.in_flight().items() if count}
        return positions(self._consumer, self._consumer.assignment() - busy)

    def _measure(self) -> None:
        held = self._consumer.assignment()
        in_flight = self._workers.in_flight()
        self._metrics.holds(held)
        self._metrics.in_flight(in_flight)
        if not held:
            return
        try:
            ends = self._consumer.end_offsets(held, timeout_ms=COMMIT_MS)
        except KafkaError:
            return
        self._metrics.lag(
            {
                partition: ends[partition] - position + in_flight.get(partition, 0)
                for partition, position in positions(self._consumer, held).items()
            }
        )


class _Handover(ConsumerListener):  # type: ignore[misc]  # kafka-python has no types
    """Handles a rebalance of the group.

    kafka-python runs this in its own thread while `poll` waits, so no record reaches a worker
    meanwhile. Blocking for a few seconds delays a heartbeat, and does not end the session.
    """

    def __init__(self, consumer: Consumer, workers: Workers) -> None:
        self._consumer, self._workers = consumer, workers

    @override
    async def on_partitions_revoked(self, revoked: Collection[Partition]) -> None:
        """Commit the handled records; the next consumer gets the others."""
        following = self._workers.release(revoked, REVOKE_SECONDS)
        if following:
            try:
                await self._consumer.commit_async(offsets(following))
            except KafkaError as error:
                _log.warning("source.not_committed", reason=type(error).__name__)
        forget_positions(self._consumer)

    @override
    async def on_partitions_lost(self, lost: Collection[Partition]) -> None:
        """Drop all records: other members have these partitions already."""
        self._workers.release(lost, REVOKE_SECONDS)

    @override
    async def on_partitions_assigned(self, assigned: Collection[Partition]) -> None:
        """Log the assigned partitions."""
        _log.info("source.holds", partitions=sorted(f"{topic}/{n}" for topic, n in assigned))
