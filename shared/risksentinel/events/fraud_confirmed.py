"""fraud.confirmed.v1: a chargeback, or a customer's report, says that a payment was fraud."""

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
        "1 to 100 ASCII characters, the first and the last of them visible",
    ),
]


class _Confirmed(BaseModel):
    # A later version of the sender may say more: what is not known here is left out.
    model_config = ConfigDict(extra="ignore", frozen=True)

    transaction_id: Identifier
    source: Literal[LabelSource.CHARGEBACK, LabelSource.CUSTOMER_REPORT]
    reported_at: Moment
    reported_by: Reporter | None = None


def decode(data: Mapping[str, Any]) -> tuple[Report, str | None]:
    """Read the report, and who made it where that is said.

    `reported_at` is required: an event that comes late must not pass for what is known only now.

    Raises:
        Malformed: every fault with its path.
    """
    try:
        said = _Confirmed.model_validate(data)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None
    report = Report(said.transaction_id, said.source, Finding.FRAUD, said.reported_at)
    return report, said.reported_by
