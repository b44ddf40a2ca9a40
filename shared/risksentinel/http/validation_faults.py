"""Validation errors of flask-openapi3 as violations: path and message, never the value."""

from typing import Any, Final, NoReturn, get_type_hints

from flask import current_app, request
from pydantic import ValidationError

from risksentinel.errors import Malformed
from risksentinel.text.validation import violations_of

PARTS: Final = (
    "header",
    "cookie",
    "path",
    "query",
    "form",
)  # a violation of the body has no prefix


def refuse(error: ValidationError) -> NoReturn:
    """Raise the error as one rejection with every violation.

    Raises:
        Malformed: always.
    """
    raise Malformed(violations_of(error, _part_of(error)))


def _part_of(error: ValidationError) -> str:
    """The argument of the view that was invalid: flask-openapi3 gives only the model's title."""
    hints = get_type_hints(current_app.view_functions[request.endpoint or ""])
    named = (part for part in PARTS if part in hints and _title(hints[part]) == error.title)
    return next(named, "")


def _title(model: Any) -> str:  # noqa: ANN401  # any annotation of a view
    return model.model_config.get("title") or model.__name__  # type: ignore[no-any-return]
