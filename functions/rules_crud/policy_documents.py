"""The bodies, parameters and responses of versions of the policy."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from functions.rules_crud.proposal_documents import Reason, RequiredReason
from risksentinel.domain.policy_version import PolicyOrigin, PolicyState, PolicyVersion
from risksentinel.http.cursor_pages import PageQuery
from risksentinel.http.parameters import Parameters
from risksentinel.http.response_model import Moment, ResponseModel

_CLOSED = ConfigDict(extra="forbid", frozen=True)
Number = Annotated[int, Field(ge=1, le=999_999_999)]
_CONTENTS = (
    "`settings`: thresholds, limits and weights; `rules`: every rule in force, with its `id`; "
    "`model`: `promoted`, one published version like `v3`, which is stored with the digest of its "
    "manifest, or null for none. A rule that is left out is stopped by the promotion"
)


class PolicyPath(Parameters):
    """The number of a version."""

    number: Number


class PolicyQuery(PageQuery):
    """The filter and the page of the list of versions."""

    state: PolicyState | None = None


class DiffQuery(Parameters):
    """The other version of a comparison."""

    model_config = ConfigDict(extra="forbid")

    against: Number | None = Field(
        None, description="The version that is compared with; the live one if absent"
    )


class DraftBody(BaseModel):
    """A new draft: of the live version, of another one, or of contents."""

    model_config = _CLOSED

    of: Number | None = Field(None, description="The version to copy; the live one if null")
    contents: dict[str, Any] | None = Field(None, description=_CONTENTS)
    note: Reason = Field("", description="What the draft is for")


class EditBody(BaseModel):
    """The new contents of a draft."""

    model_config = _CLOSED

    contents: dict[str, Any] = Field(description=_CONTENTS)
    note: Reason = ""


class RollbackBody(BaseModel):
    """Why the live version is rolled back, and to which one."""

    model_config = _CLOSED

    reason: RequiredReason
    to: Number | None = Field(
        None, description="A version that was live; the one before the live one if null"
    )


class PolicySummary(ResponseModel):
    """A version of the policy, without its contents."""

    number: int
    state: PolicyState
    origin: PolicyOrigin = Field(description="What made the version")
    based_on: int | None = Field(description="The version that was live when this one was made")
    restored: int | None = Field(description="The version whose contents a rollback brought back")
    note: str
    revision: int = Field(description="The ETag: it grows with each change of the version", ge=1)
    created_by: str
    created_at: Moment
    changed_by: str
    changed_at: Moment


class PolicyResponse(PolicySummary):
    """A version of the policy."""

    contents: dict[str, Any] = Field(description=_CONTENTS)


class PolicyPage(ResponseModel):
    """One page of versions."""

    items: list[PolicySummary]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


class RuleDifferences(ResponseModel):
    """The rules that differ between two versions."""

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    changed: list[dict[str, Any]] = Field(
        description="With `changes`: `before` and `after` of each member that differs"
    )


class PolicyDifferences(ResponseModel):
    """What one version changes in another."""

    number: int
    against: int
    settings: dict[str, dict[str, Any]] = Field(
        description="By the name of the setting, with `before` and `after`"
    )
    rules: RuleDifferences
    model: dict[str, Any] | None


def shown_policy(version: PolicyVersion) -> dict[str, Any]:
    """The members of PolicyResponse."""
    return PolicyResponse.serialize(version)
