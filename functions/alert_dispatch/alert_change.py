"""The body of PATCH: what an analyst changes of an alert."""

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
        description="Whoever works on it: up to 100 characters on one line",
    ),
    Worded(
        r"^[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$",
        "1 to 100 characters on one line, the first of them no blank",
    ),
]
Note = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=LONGEST_NOTE,
        description="What the next one should know; lines end with \\n",
    ),
    Worded(
        r"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]+$",
        "text without control characters, except for the line break \\n",
    ),
]


def hide_module() -> None:
    """The default of what may be left out, but not be null."""


def not_null(schema: JsonDict) -> None:
    """Say so in the document: None is only what was left out."""
    kinds = schema.pop("anyOf")
    if isinstance(kinds, list) and isinstance(kinds[0], dict):
        schema.update(kinds[0])


class AlertChangeBody(BaseModel):
    """At least one of them; what is left out stays, null takes assignee or note away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    status: AlertStatus | None = Field(
        default_factory=hide_module,
        json_schema_extra=not_null,
        description="Any may follow any other one; a resolved alert that is opened again keeps its "
        "disposition, and its payment the label, until another one is given",
    )
    disposition: Disposition | None = Field(
        default_factory=hide_module,
        json_schema_extra=not_null,
        description="What was found; needed to resolve",
    )
    assignee: Assignee | None = None
    note: Note | None = None

    @field_validator("status", "disposition", mode="before")
    @classmethod
    def _stays_or_changes(cls, given: object) -> object:
        if given is None:
            raise ValueError("cannot be taken away")
        return given

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one of status, assignee, disposition and note")
        return self

    @property
    def change(self) -> AlertChange:
        """The change, apart from who asks for it."""
        return AlertChange(
            status=self.status,
            disposition=self.disposition,
            assignee=self.assignee if "assignee" in self.model_fields_set else KEEP,
            note=self.note if "note" in self.model_fields_set else KEEP,
        )
