"""transaction.labelled.v1: a label of a payment, for the history and for training."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.reviewed import Labelled
from risksentinel.errors import Malformed
from risksentinel.events.event import Event
from risksentinel.payment_formats import json_payment
from risksentinel.payment_formats.payment_document import Moment, accepted_payment
from risksentinel.text import rfc3339
from risksentinel.text.validation import violations_of

TOPIC: Final = "transactions.labelled"
TYPE: Final = "za.risksentinel.transaction.labelled.v1"
SCHEMA: Final = "urn:risksentinel:schema:transaction.labelled:1"


class _LabelData(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    transaction: dict[str, Any]
    source: LabelSource
    version: Annotated[int, Field(strict=True, ge=1)]
    finding: Finding
    reported_by: str
    reported_at: Moment
    written_at: Moment
    before: Finding | None
    standing: Finding | None


def encode(labelled: Labelled, source: str, traceparent: str | None = None) -> Event:
    """The event; its id is the reference of the label, so a repetition has the same id."""
    transaction, label = labelled.transaction, labelled.label
    return Event(
        topic=TOPIC,
        id=label.reference,
        type=TYPE,
        source=source,
        subject=transaction.id,
        key=transaction.sender_id,
        time=label.written_at,
        data={
            "transaction": json_payment.serialize(transaction),
            "source": label.source.value,
            "version": label.version,
            "finding": label.finding.value,
            "reported_by": label.reported_by,
            "reported_at": rfc3339.to_text(label.reported_at),
            "written_at": rfc3339.to_text(label.written_at),
            "before": labelled.before and labelled.before.value,
            "standing": labelled.standing and labelled.standing.value,
        },
        dataschema=SCHEMA,
        traceparent=traceparent,
    )


def decode(data: Mapping[str, Any]) -> Labelled:
    """Read the payment and its label; unknown fields are ignored.

    Raises:
        Malformed: every violation with its path.
    """
    try:
        read = _LabelData.model_validate(data)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None
    transaction = accepted_payment(read.transaction)
    label = Label(
        transaction_id=transaction.id,
        source=read.source,
        version=read.version,
        finding=read.finding,
        reported_by=read.reported_by,
        reported_at=read.reported_at,
        occurred_at=transaction.occurred_at,
        written_at=read.written_at,
    )
    return Labelled(transaction, label, read.before, read.standing)
