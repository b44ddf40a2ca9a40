"""The types of the events that come to a function, in whatever version this release knows."""

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
KNOWN_TYPES: Final = payment_submitted.TYPES | {
    transaction_received.TYPE,
    transaction_scored.TYPE,
    alert_raised.TYPE,
    alert_updated.TYPE,
    report_due.TYPE,
    rules_changed.TYPE,
    fraud_confirmed.TYPE,
    transaction_labelled.TYPE,
    PING,
}
