"""The types of the events that come to a function, in whatever version this release knows."""

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

PING: Final = "dev.knative.sources.ping"  # a timer's
# The topic that events of a type come from; a plain record is a payment of the payment broker.
TOPIC_OF_TYPE: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(payment_submitted.TYPES, payment_submitted.TOPIC),
        **{
            of.TYPE: of.TOPIC
            for of in (
                transaction_received,
                transaction_scored,
                alert_raised,
                alert_updated,
                report_due,
                rules_changed,
                fraud_confirmed,
                transaction_labelled,
            )
        },
    }
)
KNOWN_TYPES: Final = frozenset({*TOPIC_OF_TYPE, PING})
