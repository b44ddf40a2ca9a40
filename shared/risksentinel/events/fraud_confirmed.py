"""fraud.confirmed.v1: a chargeback or a customer's report of a fraudulent payment."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.errors import Malformed
from risksentinel.payment_formats.payment_document import Identifier, Moment
from risksentinel.payment_formats.worded import Worded
from risksentinel.text.validation import violations_of

TOPIC: Final = "fraud.confirmed"
TYPE: Final = "za.risksentinel.fraud.confirmed.v1"

Reporter = Annotated[
    str,
    Field(strict=True),
    Worded(
        r"^[!-~]([ -~]{0,98}[!-~])?$",
        "1 to 100 ASCII characters, without a blank at either end",
    ),
]


class _Confirmed(BaseModel):
    # A later version of the event may have more fields; they are ignored.
    model_config = ConfigDict(extra="ignore", frozen=True)

    transaction_id: Identifier
    source: Literal[LabelSource.CHARGEBACK, LabelSource.CUSTOMER_REPORT]
    reported_at: Moment
    reported_by: Reporter | None = None


def decode(data: Mapping[str, Any]) -> Report:
    """Read the report; `reported_by` is what the event states, and no proof of the reporter.

    `reported_at` is required: the arrival of a late event is not the time of the report.

    Raises:
        Malformed: every violation with its path.
    """
    try:
        read = _Confirmed.model_validate(data)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None
    return Report(
        read.transaction_id, read.source, Finding.FRAUD, read.reported_at, read.reported_by
    )
