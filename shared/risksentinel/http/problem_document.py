"""Our errors in the OpenAPI document."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field


class ViolationDocument(BaseModel):
    """One thing that is wrong, and where."""

    path: str = Field(description="Dotted, with indexes in brackets; empty for the whole")
    message: str


class ProblemDocument(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    type: str = Field(description="about:blank, or a name for this kind of problem")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The request's id, as our logs have it")
    errors: list[ViolationDocument] = Field(description="Every fault that was found")


_SCHEMA: Final = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
_CONTENT: Final = {"application/problem+json": _SCHEMA}
_UNREADABLE: Final = "The body cannot be read: it is not JSON, or it could be read in two ways"
_OF_BODIES: Final = {
    "413": "The body is too large",
    "415": "The body is of another media type, or its Content-Type is missing",
}
_TAKEN_FOR_JSON: Final = {"application/json": _SCHEMA}  # what a route's ProblemDocument becomes


def documented(specification: dict[str, Any]) -> dict[str, Any]:
    """The document with each operation's problems; flask-openapi3 knows only its own."""
    for operations in specification["paths"].values():
        for operation in operations.values():
            _add_problems(operation)
    return specification


def _add_problems(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for response in responses.values():
        if response.get("content") == _TAKEN_FOR_JSON:
            response["content"] = _CONTENT
    if "application/problem+json" not in responses["422"].get("content", {}):
        del responses["422"]
    for status, why in _refusals(operation.get("requestBody", {}).get("content", {})).items():
        responses.setdefault(status, {"description": why, "content": _CONTENT})
    if operation.get("parameters") or operation.get("requestBody"):
        refused = {"description": "Not accepted: every fault is listed", "content": _CONTENT}
        responses.setdefault("422", refused)
    responses.setdefault("4XX", {"description": "Any other refused request", "content": _CONTENT})
    responses.setdefault("default", {"description": "Any other problem", "content": _CONTENT})


def _refusals(media: dict[str, Any]) -> dict[str, str]:
    """Why a body of these media types is refused unread, by the answer's status."""
    unreadable = {"400": _UNREADABLE} if "application/json" in media else {}
    return {**unreadable, **_OF_BODIES} if media else {}
