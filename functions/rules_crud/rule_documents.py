"""The bodies and responses of rules, for OpenAPI only: parse_rule validates the body."""

from collections.abc import Iterable
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, RootModel
from pydantic.json_schema import SkipJsonSchema

from risksentinel.errors import Violation
from risksentinel.http.problem_document import ViolationDocument
from risksentinel.http.response_model import Moment
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operators import OPERATORS
from risksentinel.rules.parse import MAX_DESCRIPTION, MAX_NAME, document_of
from risksentinel.rules.rule import Action, Rule, Severity, StoredRule, UnreadableRule
from risksentinel.rules.tree import MAX_COMPARISONS, MAX_LEVELS, MAX_PARTS

_CLOSED: Final = ConfigDict(extra="forbid")
_FIELDS: Final = "; ".join(f"`{name}`: {field.meaning}" for name, field in FIELDS.items())
_OPERATORS: Final = "; ".join(f"`{name}`: {known.meaning}" for name, known in OPERATORS.items())


class ComparisonBody(BaseModel):
    """One field compared with one value; /rules/vocabulary lists the valid combinations."""

    model_config = _CLOSED

    field: str = Field(description=_FIELDS, json_schema_extra={"enum": [*FIELDS]})
    operator: str = Field(description=_OPERATORS, json_schema_extra={"enum": [*OPERATORS]})
    value: bool | int | float | str | list[int | float | str] = Field(
        description="In the form that the operator takes; write rand as text: `75000.00`"
    )
    exact: bool | SkipJsonSchema[None] = Field(
        default_factory=lambda: None,
        description="For a field of kind text: compare character by character. Absent or false: "
        "case and blanks at both ends are ignored. A regex is always exact",
    )


class AllOfBody(BaseModel):
    """All conditions hold."""

    model_config = _CLOSED

    all: Annotated[list["ConditionBody"], Field(min_length=1, max_length=MAX_PARTS)]


class AnyOfBody(BaseModel):
    """At least one of the conditions holds."""

    model_config = _CLOSED

    any: Annotated[list["ConditionBody"], Field(min_length=1, max_length=MAX_PARTS)]


class NotBody(BaseModel):
    """The condition does not hold."""

    model_config = _CLOSED

    negated: "ConditionBody" = Field(alias="not")


class ConditionBody(RootModel[ComparisonBody | AllOfBody | AnyOfBody | NotBody]):
    """When the rule fires."""

    model_config = ConfigDict(
        json_schema_extra={
            "description": "When the rule fires. An unknown field makes its comparison unknown, "
            f"never true. At most {MAX_LEVELS} levels and {MAX_COMPARISONS} comparisons."
        }
    )


_ONE_LINE: Final = r"^[^\x00-\x1f\x7f-\x9f]*$"
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=_ONE_LINE)]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION, pattern=_ONE_LINE)]
Share = Annotated[float, Field(ge=0, le=1)]
_WEIGHT: Final = "The risk of the rule when it fires; the weight alone rarely raises an alert"
_SEVERITY: Final = "Orders the reasons of a payment; only `action` decides"
_ACTION: Final = (
    "The effect of the rule when it fires. `flag` only adds the weight to the score; `review` "
    "lifts the score to RISK_SCORE_HIGH or more, `decline` to RISK_SCORE_CRITICAL or more; "
    "`approve` approves the payment whatever its score, unless a rule with `decline` fires too"
)
_FLOOR: Final = (
    "For experts: the minimum score of a payment when the rule fires, instead of the minimum of "
    "review or decline"
)


class RuleBody(BaseModel):
    """A rule of an analyst."""

    model_config = _CLOSED

    name: Name = Field(description="Unique among the active rules")
    description: Description = Field(
        "", description="For the analyst of a payment on which the rule fired"
    )
    condition: ConditionBody
    weight: Share = Field(description=_WEIGHT)
    severity: Severity = Field(description=_SEVERITY)
    action: Action = Field(Action.FLAG, description=_ACTION)
    floor: Share | None = Field(None, description=_FLOOR)
    active: bool = True


class RulePatchBody(BaseModel):
    """The members to change (RFC 7396); null sets floor, description or action to its default."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    name: Name | SkipJsonSchema[None] = Field(default_factory=lambda: None)
    description: Description | None = Field(default_factory=lambda: None)
    condition: ConditionBody | SkipJsonSchema[None] = Field(default_factory=lambda: None)
    weight: Share | SkipJsonSchema[None] = Field(default_factory=lambda: None)
    severity: Severity | SkipJsonSchema[None] = Field(default_factory=lambda: None)
    action: Action | None = Field(default_factory=lambda: None)
    floor: Share | None = Field(default_factory=lambda: None)
    active: bool | None = Field(default_factory=lambda: None)


class RuleResponse(BaseModel):
    """The newest version of a rule."""

    id: str
    version: int = Field(description="Number of the rule's version; the ETag", ge=1)
    name: Name
    description: Description
    condition: ConditionBody
    weight: Share
    severity: Severity = Field(description=_SEVERITY)
    action: Action = Field(description=_ACTION)
    floor: Share | None
    active: bool
    created_at: Moment
    updated_at: Moment


class WrittenRuleResponse(RuleResponse):
    """The stored rule, with warnings on probable mistakes."""

    warnings: list[ViolationDocument] = Field(
        description="Probable mistakes, each with its path: a rule that can never fire, or never "
        "raise an alert alone, an unknown country, blanks at the ends of a text. The rule is "
        "stored all the same; empty without warnings"
    )


class UnreadableRuleResponse(BaseModel):
    """A rule that this release cannot read and does not run: replace or deactivate the rule."""

    id: str
    version: int = Field(description="Number of the rule's version; the ETag", ge=1)
    name: str
    document: dict[str, Any] = Field(description="The rule as stored")
    fault: str = Field(description="Why the rule cannot be read")
    active: bool
    created_at: Moment
    updated_at: Moment


class StoredRuleResponse(RootModel[RuleResponse | UnreadableRuleResponse]):
    """The newest version of a rule, readable or not."""


class RulePage(BaseModel):
    """One page of rules."""

    items: list[StoredRuleResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


def shown(rule: StoredRule) -> dict[str, Any]:
    """The members of RuleResponse or UnreadableRuleResponse."""
    return {
        "id": rule.id,
        "version": rule.version,
        **(_unread(rule) if isinstance(rule, UnreadableRule) else document_of(rule)),
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
    }


def written(rule: Rule, warnings: Iterable[Violation]) -> dict[str, Any]:
    """The members of WrittenRuleResponse."""
    listed = [{"path": warning.path, "message": warning.message} for warning in warnings]
    return {**shown(rule), "warnings": listed}


def _unread(rule: UnreadableRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "document": document_of(rule),
        "fault": rule.fault,
        "active": rule.active,
    }
