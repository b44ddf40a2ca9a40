"""The body of PATCH: the changes of an alert by an analyst."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.config import JsonDict

from risksentinel.domain.alert import KEEP, AlertChange, AlertStatus, Disposition
from risksentinel.payment_formats.worded import Worded

LONGEST_NOTE: Final = 2000
Assignee = Annotated[
    str,
    Field(
        strict=True,
        max_length=100,
        description="The analyst of the alert: up to 100 characters on one line",
    ),
    Worded(
        r"^[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$",
        "1 to 100 characters on one line, without a leading blank",
    ),
]
Note = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=LONGEST_NOTE,
        description="A note for other analysts; lines end with \\n",
    ),
    Worded(
        r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$",
        "text without control characters, except for the line break \\n",
    ),
]


def absent() -> None:
    """The default of a member that can be absent, but not null."""


def not_null(schema: JsonDict) -> None:
    """Remove null from the schema: None only means that the member is absent."""
    kinds = schema.pop("anyOf")
    if isinstance(kinds, list) and isinstance(kinds[0], dict):
        schema.update(kinds[0])


class AlertChangeBody(BaseModel):
    """At least one change; absent members stay, null removes the assignee or the note."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    status: AlertStatus | None = Field(
        default_factory=absent,
        json_schema_extra=not_null,
        description="Any status can follow any other. A reopened alert keeps its disposition, and "
        "its payment the label, until another disposition is set",
    )
    disposition: Disposition | None = Field(
        default_factory=absent,
        json_schema_extra=not_null,
        description="The finding of the analyst; required to resolve the alert",
    )
    assignee: Assignee | None = None
    note: Note | None = None

    @field_validator("status", "disposition", mode="before")
    @classmethod
    def _stays_or_changes(cls, given: object) -> object:
        if given is None:
            raise ValueError("cannot be removed")
        return given

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one of status, assignee, disposition and note")
        return self

    @property
    def change(self) -> AlertChange:
        """The change, without its actor."""
        return AlertChange(
            status=self.status,
            disposition=self.disposition,
            assignee=self.assignee if "assignee" in self.model_fields_set else KEEP,
            note=self.note if "note" in self.model_fields_set else KEEP,
        )
