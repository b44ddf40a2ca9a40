"""The body of PATCH: what an officer changes of a statutory report."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from functions.alert_dispatch.alert_change import Note, hide_module, not_null
from risksentinel.domain.report_filing import KEEP, ReportChange, ReportStatus

Reference = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^[!-~]([ -~]{0,98}[!-~])?$",
        description="What the Financial Intelligence Centre answered with: up to 100 characters of "
        "visible ASCII; needed where status is filed",
    ),
]


class ReportChangeBody(BaseModel):
    """At least one of them; what is left out stays, null takes the note away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1})

    status: ReportStatus | None = Field(
        default_factory=hide_module,
        json_schema_extra=not_null,
        description="filed with a reference; not_required with a note that says why; open again "
        "where it was marked by mistake, which removes the reference",
    )
    reference: Reference | None = Field(default_factory=hide_module, json_schema_extra=not_null)
    note: Note | None = None

    @field_validator("status", "reference", mode="before")
    @classmethod
    def _stays_or_changes(cls, given: object) -> object:
        if given is None:
            raise ValueError("cannot be taken away: set status to open")
        return given

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("name at least one of status, reference and note")
        return self

    @property
    def change(self) -> ReportChange:
        """The change, apart from who asks for it."""
        return ReportChange(
            status=self.status,
            reference=self.reference,
            note=self.note if "note" in self.model_fields_set else KEEP,
        )
