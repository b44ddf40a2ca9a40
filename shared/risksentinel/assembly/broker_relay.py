"""Publishes outbox events to the broker: after each commit, and in a sweep every second."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from risksentinel.adapters.sql.dead_letters import SqlDeadLetters
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.broker import has_broker, publisher
from risksentinel.assembly.container import Container
from risksentinel.assembly.relay_queue import MAX_QUEUED, RelayQueue
from risksentinel.assembly.relay_thread import SWEEP_SECONDS, RelayThread
from risksentinel.telemetry import tracing
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import (
    NOTHING,
    BackOff,
    Relayed,
    RelayOutbox,
)

GATHER_SECONDS: Final = 0.05  # seconds: the commits of concurrent requests share a pass


def relay_outbox(container: Container, name: str) -> RelayOutbox | None:
    """The use case that publishes the outbox, for the function `name`; None without a broker."""
    broker = publisher(container)
    if broker is None:
        return None
    traced = tracing.traced_publisher(name, broker)
    return RelayOutbox(SqlOutbox(container.engine), traced, container.clock, BackOff())


def broker_relay(container: Container, name: str, queue: RelayQueue) -> RelayThread | None:
    """The relay of the function `name`, not started; None without a broker."""
    relay_once = relay_outbox(container, name)
    if relay_once is None:
        return None
    metrics = FunctionMetrics(name)
    watch_outbox(metrics, container)
    relay = BrokerRelay(relay_once, queue, SqlOutbox(container.engine).depth, metrics)
    return RelayThread(relay, queue.wake_up, GATHER_SECONDS)


class BrokerRelay:
    """Publishes this process's events from the queue at once, and other events in sweeps."""

    def __init__(
        self,
        relay: RelayOutbox,
        queue: RelayQueue,
        depth: Callable[[], int],
        metrics: FunctionMetrics,
    ) -> None:
        self._relay, self._queue, self._depth, self._metrics = relay, queue, depth, metrics
        self._swept_at = 0.0
        self.has_pending = False

    def __call__(self) -> Relayed:
        """Publish the queued events; without any, sweep the outbox if a sweep is due.

        Raises:
            Unavailable: the database or the broker did not answer; every event stays in the outbox.
        """
        if own := self._queue.take(MAX_QUEUED):
            relayed = self._relay.deliver(own)
            self.has_pending |= relayed.delivered < len(own)
        elif self._is_due():
            relayed = self._relay()
            self.has_pending = self._depth() > 0
            if not relayed.delivered:
                self._swept_at = monotonic()
        else:
            return NOTHING
        count_relayed(self._metrics, relayed)
        return relayed

    def _is_due(self) -> bool:
        missed = self._queue.missed_events()
        return missed or self.has_pending or monotonic() - self._swept_at >= SWEEP_SECONDS


def count_relayed(metrics: FunctionMetrics, relayed: Relayed) -> None:
    """Add the counts of one pass to the metrics."""
    metrics.relayed("delivered", relayed.delivered)
    metrics.relayed("postponed", relayed.postponed)
    metrics.relayed("dead", relayed.dead)


def watch_outbox(metrics: FunctionMetrics, container: Container) -> None:
    """Report the outbox, and without a broker the dead letters, until the container closes."""
    outbox = SqlOutbox(container.engine)
    metrics.watch_outbox(outbox.depth, outbox.oldest, container.clock)
    if not has_broker(container):
        metrics.watch_dead_letters(SqlDeadLetters(container.engine).depth)
    container.on_close(metrics.unwatch)
