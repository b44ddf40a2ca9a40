"""What the routes say of a label."""

from typing import Any

from pydantic import BaseModel, Field

from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.http.answer_types import Moment


class Said(BaseModel):
    """What one source said of the payment."""

    source: LabelSource
    version: int = Field(ge=1, description="Counts what this source has said")
    label: Finding
    reported_by: str
    reported_at: Moment
    written_at: Moment


def said(label: Label) -> dict[str, Any]:
    """The label with who found it, and when."""
    return {
        "source": label.source,
        "version": label.version,
        "label": label.finding,
        "reported_by": label.reported_by,
        "reported_at": label.reported_at,
        "written_at": label.written_at,
    }
