"""Problem documents (RFC 9457) in the OpenAPI document."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field


class ViolationDocument(BaseModel):
    """One violation and its path."""

    path: str = Field(description="Dotted, with indexes in brackets; empty for the whole body")
    message: str


class ProblemDocument(BaseModel):
    """A problem document (RFC 9457)."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": True})

    type: str = Field(description="about:blank, or the URN of the kind of problem")
    title: str
    status: int
    detail: str
    instance: str = Field(description="The id of the request, as in the logs")
    errors: list[ViolationDocument] = Field(description="Every violation, at most 100")


_SCHEMA: Final = {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
_CONTENT: Final = {"application/problem+json": _SCHEMA}
_UNREADABLE: Final = "The body is not JSON, or is ambiguous JSON"
_OF_BODIES: Final = {
    "413": "The body is too large",
    "415": "The Content-Type is missing or not supported",
}
_OF_LOAD: Final = {
    "429": "The caller used its rate limit",
    "503": "More requests than can be answered in time, or a required part does not answer",
}
_LATER: Final = {
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}},
}
_TAKEN_FOR_JSON: Final = {
    "application/json": _SCHEMA
}  # a ProblemDocument of a route, as flask-openapi3 writes it


def documented(specification: dict[str, Any]) -> dict[str, Any]:
    """Add the problems to each operation; flask-openapi3 documents only its own errors."""
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
        refused = {
            "description": "Validation failed: every violation is listed",
            "content": _CONTENT,
        }
        responses.setdefault("422", refused)
    for status, why in _OF_LOAD.items():
        responses.setdefault(status, {"description": why, "headers": _LATER, "content": _CONTENT})
    responses.setdefault("4XX", {"description": "Any other client error", "content": _CONTENT})
    responses.setdefault("default", {"description": "Any other error", "content": _CONTENT})


def _refusals(media: dict[str, Any]) -> dict[str, str]:
    """The errors of reading a body of these media types, by status."""
    unreadable = {"400": _UNREADABLE} if "application/json" in media else {}
    return {**unreadable, **_OF_BODIES} if media else {}
