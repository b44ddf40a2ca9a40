"""fraud.confirmed.v1 -> WriteLabel."""

from collections.abc import Sequence

from risksentinel.cloudevents.received_event import ReceivedEvent
from risksentinel.errors import NotFound
from risksentinel.events import fraud_confirmed
from risksentinel.usecases.write_label import WriteLabel


def labels_written(write_label: WriteLabel, events: Sequence[ReceivedEvent]) -> None:
    """Write one label an event; who reported it is said by the event, or is the event's source.

    Raises:
        NotFound: no such payment is kept: a dead letter, to be replayed once it is.
    """
    for event in events:
        report, reported_by = fraud_confirmed.decode(event.document())
        try:
            write_label(report, reported_by or event.source)
        except NotFound as error:
            raise NotFound(f"{error}: replay this once the payment is kept") from None
