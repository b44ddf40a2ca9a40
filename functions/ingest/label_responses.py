"""The responses of the routes of labels."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.http.response_model import Moment, ResponseModel


def _by_time(labels: Iterable[Label]) -> list[Label]:
    return sorted(labels, key=lambda label: label.written_at)


class LabelResponse(ResponseModel):
    """One label of a payment, as one source reported it."""

    source: LabelSource
    version: int = Field(ge=1, description="Number of the label among those of its source")
    label: Finding = Field(validation_alias="finding")
    reported_by: str
    reported_at: Moment
    written_at: Moment


class LabelsResponse(ResponseModel):
    """The effective label of a payment, and every label that was reported."""

    transaction_id: str = Field(validation_alias=AliasPath("reviewed", "transaction", "id"))
    label: Annotated[Finding | None, BeforeValidator(lambda label: label and label.finding)] = (
        Field(
            validation_alias=AliasPath("reviewed", "standing"),
            description="The effective label; null if none was reported, it was withdrawn, or "
            "the labels are in conflict",
        )
    )
    source: Annotated[LabelSource | None, BeforeValidator(lambda label: label and label.source)] = (
        Field(
            validation_alias=AliasPath("reviewed", "standing"),
            description="The source of the effective label",
        )
    )
    in_conflict: bool = Field(
        validation_alias=AliasPath("reviewed", "in_conflict"),
        description="Whether the strongest source reported contrary findings: no label is "
        "effective until an analyst labels the payment",
    )
    history: Annotated[list[LabelResponse], BeforeValidator(_by_time)] = Field(
        validation_alias=AliasPath("reviewed", "said"), description="The oldest first"
    )
