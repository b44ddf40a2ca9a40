"""The outcomes of records that were sent together, in the order of their keys."""

from collections.abc import Sequence
from typing import Final

from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.types import SendFuture
from risksentinel.ports.publishing import Delivery, Outcome

HELD: Final = Delivery(Outcome.HELD, "an earlier event of its key was not delivered")


def in_flight_until(
    outcome: Outcome, sent: Sequence[SendFuture | Delivery], answers: Sequence[Delivery]
) -> Sequence[int]:
    """The indexes of the records that were in flight and got this outcome."""
    return [
        place
        for place, (one, answer) in enumerate(zip(sent, answers, strict=True))
        if answer.outcome is outcome and answer is not one
    ]


def in_order(records: Sequence[Record], answers: Sequence[Delivery]) -> list[Delivery]:
    """The answers; a record that follows a failed one of its key is HELD."""
    blocked: set[tuple[str, bytes | None]] = set()
    ordered = []
    for record, answer in zip(records, answers, strict=True):
        lane = (record.topic, record.key)
        ordered.append(HELD if lane in blocked and record.key is not None else answer)
        if answer.outcome in {Outcome.FAILED, Outcome.HELD}:
            blocked.add(lane)
    return ordered
