"""The bodies, parameters and responses of proposals."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from risksentinel.domain.proposal import MAX_REASON, Proposal, ProposalKind, ProposalStatus
from risksentinel.errors import Violation
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ViolationDocument
from risksentinel.http.response_model import Moment, ResponseModel
from risksentinel.payment_formats.worded import Worded

_REASON: Final = Worded(
    rf"^[!-~]([ -~]{{0,{MAX_REASON - 2}}}[!-~])?$",
    f"1 to {MAX_REASON} ASCII characters, without a blank at either end",
)


class ReasonHeader(Parameters):
    """Why a change is proposed."""

    reason: Annotated[str, _REASON] | None = Field(
        None,
        alias="Change-Reason",
        description="Why the change is wanted, for its approver; used where changes need approval",
    )


Reason = Annotated[
    str, Field(strict=True, max_length=MAX_REASON, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$")
]
RequiredReason = Annotated[
    str,
    Field(
        strict=True,
        max_length=MAX_REASON,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$",
    ),
]


class DecisionBody(BaseModel):
    """Why a proposal is approved or withdrawn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason = ""


class ReasonedBody(BaseModel):
    """Why a proposal is refused, or a rule is stopped."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: RequiredReason


class ProposalResponse(ResponseModel):
    """A proposed change."""

    id: str
    kind: ProposalKind
    subject: str = Field(description="The id of the rule, or the name of the list or the model")
    change: dict[str, Any] = Field(description="What the approval applies")
    before: dict[str, Any] | None = Field(description="The subject without the change")
    after: dict[str, Any] | None = Field(description="The subject with the change")
    proposed_by: str
    proposed_at: Moment
    reason: str
    status: ProposalStatus = Field(
        description="`stale`: the subject was changed after the proposal, which cannot be applied"
    )
    decided_by: str | None
    decided_at: Moment | None
    decision_reason: str | None
    in_force_at: Moment | None = Field(
        description="Since when the change is in force; an approved model or policy is put in "
        "force by an operator, later than its approval"
    )


class ShownProposalResponse(ProposalResponse):
    """A proposed change, with warnings on probable mistakes in a rule."""

    warnings: list[ViolationDocument]


class ProposalPage(ResponseModel):
    """One page of proposals."""

    items: list[ProposalResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


def shown_proposal(proposal: Proposal, warnings: tuple[Violation, ...]) -> dict[str, Any]:
    """The members of ShownProposalResponse."""
    listed = [{"path": warning.path, "message": warning.message} for warning in warnings]
    return {**ProposalResponse.serialize(proposal), "warnings": listed}
