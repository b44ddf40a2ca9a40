"""Every topic, and the function that consumes it: the one place that says so."""

from collections.abc import Mapping
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
    transaction_scored,
)

TOPICS: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        payment_submitted.TOPIC: "ingest",
        transaction_received.TOPIC: "score",
        transaction_scored.TOPIC: None,
        alert_raised.TOPIC: "alert-dispatch",
        alert_updated.TOPIC: None,
        report_due.TOPIC: None,
        rules_changed.TOPIC: None,
        fraud_confirmed.TOPIC: "score",
        transaction_labelled.TOPIC: "score",
    }
)
CONSUMED: Final = tuple(topic for topic, function in TOPICS.items() if function is not None)
_DEAD: Final = ".dlq"


def dead_letter_topic(topic: str) -> str:
    """Where the events of a consumed topic go that were given up."""
    return f"{topic}{_DEAD}"


def origin_of(dead_letters: str) -> str:
    """The topic whose events were given up into this one."""
    return dead_letters.removesuffix(_DEAD)
