"""transaction.labelled.v1 -> RememberLabels."""

from collections.abc import Sequence

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.events import transaction_labelled
from risksentinel.usecases.remember_labels import RememberLabels


def labels_remembered(remember: RememberLabels, events: Sequence[ReceivedEvent]) -> None:
    """Add the labels of all events to the history at once."""
    remember([transaction_labelled.decode(event.document()) for event in events])
