"""The relays of the embedded engine, a thread for each topic: a slow webhook delays no score."""

from collections.abc import Mapping
from datetime import timedelta
from threading import Event as WakeUp
from typing import Final

from risksentinel.adapters.memory.direct_publisher import DeliverEvents, DirectPublisher
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.broker_relay import count_relayed, watch_outbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.events.registry import EVENTS
from risksentinel.ports.publishing import Publisher
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import BackOff, Relayed, RelayOutbox

# A customer's endpoint may be down for hours: 16 attempts over an hour and a half, 2 s, 4 s, ...
# 10 min apart.
ALERT_BACK_OFF: Final = BackOff(attempts=16, delay=timedelta(seconds=1))
GATHER_SECONDS: Final = 0.05  # seconds in which payments are written: SQLite has one writer


class WakeUps:
    """One wake-up event for each relay; every commit sets all of them."""

    def __init__(self) -> None:
        self._each: list[WakeUp] = []

    def add(self) -> WakeUp:
        """The wake-up event of one more relay."""
        self._each.append(WakeUp())
        return self._each[-1]

    def wake_all(self) -> None:
        """Wake the relays."""
        for wake_up in self._each:
            wake_up.set()


def relays(
    container: Container,
    consumers: Mapping[str, DeliverEvents],
    wake_ups: WakeUps,
    decided: Publisher | None = None,
) -> list[RelayThread]:
    """One relay for each topic in `consumers`, one for `decided`, one for all other topics.

    `decided` gets the events of transactions.scored, in order. The other topics have no consumer:
    their events are deleted from the outbox.
    """
    SqlOutbox(container.engine).free()
    watch_outbox(FunctionMetrics("relay"), container)
    direct = DirectPublisher(consumers)
    routes: list[tuple[Publisher, tuple[str, ...]]] = [(direct, (topic,)) for topic in consumers]
    if decided is not None:
        routes.append((decided, (transaction_scored.TOPIC,)))
    relayed = {topic for _, topics in routes for topic in topics}
    routes.append((direct, tuple(topic for topic in EVENTS if topic not in relayed)))
    return [_relay(container, publisher, topics, wake_ups.add()) for publisher, topics in routes]


def _relay(
    container: Container, publisher: Publisher, topics: tuple[str, ...], wake_up: WakeUp
) -> RelayThread:
    outbox, metrics = SqlOutbox(container.engine, topics), FunctionMetrics("relay")
    back_off = ALERT_BACK_OFF if topics == (alert_raised.TOPIC,) else BackOff()
    relay = RelayOutbox(outbox, publisher, container.clock, back_off)
    return RelayThread(TopicRelay(relay, outbox, metrics), wake_up, GATHER_SECONDS)


class TopicRelay:
    """Publishes the outbox events of some topics to the functions that consume them."""

    def __init__(self, relay: RelayOutbox, outbox: SqlOutbox, metrics: FunctionMetrics) -> None:
        self._relay, self._outbox, self._metrics = relay, outbox, metrics
        self.has_pending = False

    def __call__(self) -> Relayed:
        """Make one pass. Raises Unavailable."""
        relayed = self._relay()
        count_relayed(self._metrics, relayed)
        self.has_pending = self._outbox.depth() > 0
        return relayed
