"""The relays of the embedded engine, a thread for each topic: a slow webhook delays no score."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from threading import Event as WakeUp
from typing import Final

from risksentinel.adapters.memory.direct_publisher import DeliverEvents, DirectPublisher
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.broker_relay import count_relayed, watch_outbox
from risksentinel.assembly.container import Container
from risksentinel.assembly.relay_thread import RelayThread
from risksentinel.embedded.decision_thread import DecisionThread
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.events.event import Event
from risksentinel.events.registry import EVENTS
from risksentinel.ports.publishing import PendingEvent, Publisher
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.relay_outbox import BackOff, Relayed, RelayOutbox

# A customer's endpoint may be down for hours: 16 attempts over an hour and a half, 2 s, 4 s, ...
# 10 min apart.
ALERT_BACK_OFF: Final = BackOff(attempts=16, delay=timedelta(seconds=1))
GATHER_SECONDS: Final = 0.05  # seconds in which payments are written: SQLite has one writer


class TopicInbox:
    """Meets `RelayInbox`: a commit wakes the relays of the topics of its events.

    Without a broker nothing takes the events of a topic without a consumer: they are not stored.
    `decided` gets the events of transactions.scored after their commit.
    """

    def __init__(self, stored: Collection[str], decided: DecisionThread | None = None) -> None:
        self._stored = frozenset(stored)
        self._decided = decided
        self._wake_ups: defaultdict[str, WakeUp] = defaultdict(WakeUp)

    def wake_up(self, topic: str) -> WakeUp:
        """The event that wakes the relay of the topic."""
        return self._wake_ups[topic]

    def carries(self, topic: str) -> bool:
        """Whether a function consumes the topic, or `decided` takes its events."""
        return self.stores(topic) or (
            topic == transaction_scored.TOPIC and self._decided is not None
        )

    def stores(self, topic: str) -> bool:
        """Whether a function consumes the topic."""
        return topic in self._stored

    def lease(self) -> None:
        """None: the relays lease the events from the outbox."""

    def committed(
        self, _leased: Sequence[PendingEvent], waiting: Collection[str], unstored: Sequence[Event]
    ) -> None:
        """Wake the relays of these topics, and hand over the events of decisions."""
        for topic in waiting:
            self._wake_ups[topic].set()
        if self._decided is not None:
            self._decided.take(
                [event for event in unstored if event.topic == transaction_scored.TOPIC]
            )


def relays(
    container: Container, consumers: Mapping[str, DeliverEvents], inbox: TopicInbox
) -> list[RelayThread]:
    """One relay for each topic in `consumers`, and one for all other topics.

    The other topics have no consumer: events that are in the outbox all the same, such as those of
    an earlier release, are deleted.
    """
    SqlOutbox(container.engine).free()
    watch_outbox(FunctionMetrics("relay"), container)
    direct = DirectPublisher(consumers)
    others = tuple(topic for topic in EVENTS if topic not in consumers)
    return [
        *(_relay(container, direct, (topic,), inbox.wake_up(topic)) for topic in consumers),
        _relay(container, direct, others, WakeUp()),
    ]


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
