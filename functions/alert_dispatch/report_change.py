"""The body of PATCH: the changes of a statutory report by an officer."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from functions.alert_dispatch.alert_change import Note, absent, not_null
from risksentinel.domain.report_filing import KEEP, ReportChange, ReportStatus

Reference = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^[!-~]([ -~]{0,98}[!-~])?$",
        description="The reference from the Financial Intelligence Centre: up to 100 characters of "
        "visible ASCII; required for the status filed",
    ),
]


class ReportChangeBody(BaseModel):
    """At least one change; absent members stay, null removes the note."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    status: ReportStatus | None = Field(
        default_factory=absent,
        json_schema_extra=not_null,
        description="filed requires a reference; not_required requires a note with the reason; "
        "open corrects a mistake and removes the reference",
    )
    reference: Reference | None = Field(default_factory=absent, json_schema_extra=not_null)
    note: Note | None = None

    @field_validator("status", "reference", mode="before")
    @classmethod
    def _stays_or_changes(cls, given: object) -> object:
        if given is None:
            raise ValueError("cannot be removed: set status to open")
        return given

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one of status, reference and note")
        return self

    @property
    def change(self) -> ReportChange:
        """The change, without its actor."""
        return ReportChange(
            status=self.status,
            reference=self.reference,
            note=self.note if "note" in self.model_fields_set else KEEP,
        )
