"""fraud.confirmed.v1 -> WriteLabel."""

from collections.abc import Sequence

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import NotFound
from risksentinel.events import fraud_confirmed
from risksentinel.http.access import event_sender
from risksentinel.usecases.write_label import WriteLabel


def labels_written(write_label: WriteLabel, events: Sequence[ReceivedEvent]) -> None:
    """Write one label for each event; the reporter is the authenticated sender of the events.

    Raises:
        NotFound: the payment is not stored; the event becomes a dead letter, which can be replayed
            after the payment is stored.
    """
    for event in events:
        report = fraud_confirmed.decode(event.document())
        try:
            write_label(report, event_sender())
        except NotFound as error:
            raise NotFound(f"{error}: replay this after the payment is stored") from None
