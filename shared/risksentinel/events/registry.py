"""The registry of event types: topic, type, consuming function and retention of each.

The functions, topic provisioning, the metrics, the spans, AsyncAPI and the tests of the manifests
read `EVENTS`. A new event type is one file in this folder and one line here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from risksentinel.events import (
    alert_raised,
    alert_updated,
    fraud_confirmed,
    payment_submitted,
    report_due,
    rules_changed,
    transaction_labelled,
    transaction_received,
    transaction_revised,
    transaction_scored,
    transaction_shadowed,
)

PING: Final = "dev.knative.sources.ping"  # the type of a timer's event; it has no topic
_DEAD_LETTERS: Final = ".dlq"


@dataclass(frozen=True, slots=True)
class EventType:
    """One event type: its CloudEvent type, its consuming function and its retention.

    `consumer` is the name of the function's service, None if no function consumes the topic.
    `retention_days` is how long Kafka stores the topic's records. `aliases` are other CloudEvent
    types under which events of the topic arrive.
    """

    type: str
    consumer: str | None
    retention_days: int
    aliases: frozenset[str] = frozenset()


# By topic. 7 days cover a long weekend without an operator; the database stores the data longer.
EVENTS: Final[Mapping[str, EventType]] = MappingProxyType(
    {
        payment_submitted.TOPIC: EventType(
            payment_submitted.TYPE, "ingest", 7, frozenset({payment_submitted.PLAIN_RECORD})
        ),
        transaction_received.TOPIC: EventType(transaction_received.TYPE, "score", 7),
        transaction_scored.TOPIC: EventType(transaction_scored.TYPE, None, 7),
        # Few events, and a changed verdict must reach who acted on the first.
        transaction_revised.TOPIC: EventType(transaction_revised.TYPE, None, 30),
        transaction_shadowed.TOPIC: EventType(transaction_shadowed.TYPE, None, 7),
        alert_raised.TOPIC: EventType(alert_raised.TYPE, "alert-dispatch", 7),
        alert_updated.TOPIC: EventType(alert_updated.TYPE, None, 7),
        # Few events, and a report that is not filed is an offence.
        report_due.TOPIC: EventType(report_due.TYPE, None, 30),
        # Few and small events, needed in the analysis of an incident.
        rules_changed.TOPIC: EventType(rules_changed.TYPE, None, 30),
        # Few events, and their senders do not send them again.
        fraud_confirmed.TOPIC: EventType(fraud_confirmed.TYPE, "score", 30),
        transaction_labelled.TOPIC: EventType(transaction_labelled.TYPE, "score", 7),
    }
)


def consumed_topics(function: str | None = None) -> tuple[str, ...]:
    """The topics that functions consume, or those of one function, in the registry's order."""
    return tuple(
        topic
        for topic, event in EVENTS.items()
        if event.consumer is not None and function in {None, event.consumer}
    )


def topic_of(event_type: str) -> str | None:
    """The topic of events of this CloudEvent type; None for an unknown type and for a timer's."""
    for topic, event in EVENTS.items():
        if event_type == event.type or event_type in event.aliases:
            return topic
    return None


def is_known(event_type: str) -> bool:
    """Whether this release knows the CloudEvent type."""
    return event_type == PING or topic_of(event_type) is not None


def dead_letter_topic(topic: str) -> str:
    """The topic for events of `topic` that its consumer could not handle."""
    return f"{topic}{_DEAD_LETTERS}"


def origin_of(dead_letters: str) -> str:
    """The topic whose dead letters this topic stores."""
    return dead_letters.removesuffix(_DEAD_LETTERS)
