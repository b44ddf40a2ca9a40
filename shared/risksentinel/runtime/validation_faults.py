"""flask-openapi3's validation errors as our faults: every path and message, never the value."""

from typing import Any, Final, NoReturn, get_type_hints

from flask import current_app, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from risksentinel.errors import Fault, Malformed
from risksentinel.strict_json import inside

PARTS: Final = ("header", "cookie", "path", "query", "form")  # a fault of the body has no prefix
_IN_OUR_WORDS: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "union_tag_invalid": "is none of the kinds that are known here",
    "uuid_parsing": "must be a UUID",
    "url_parsing": "must be a URL",
}


def refuse(error: ValidationError) -> NoReturn:
    """Turn the error into one rejection with every fault.

    Raises:
        Malformed: always.
    """
    part = _part_of(error)
    details = error.errors(include_url=False, include_context=False)
    raise Malformed(Fault(_path(part, found["loc"]), _message(found)) for found in details)


def _part_of(error: ValidationError) -> str:
    """Which argument of the view it is about: flask-openapi3 says only the model's title."""
    hints = get_type_hints(current_app.view_functions[request.endpoint or ""])
    named = (part for part in PARTS if part in hints and _title(hints[part]) == error.title)
    return next(named, "")


def _title(model: Any) -> str:  # noqa: ANN401  # whatever a view's annotation holds
    return model.model_config.get("title") or model.__name__  # type: ignore[no-any-return]


def _path(part: str, location: tuple[int | str, ...]) -> str:
    path = part
    for step in location:
        path = inside(path, step)
    return path


def _message(found: ErrorDetails) -> str:
    message = found["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    given = found["input"]
    # Some messages of pydantic, and a careless validator's, quote what they complain about.
    if isinstance(given, (str, int)) and str(given) and str(given) in message:
        message = "is not valid"
    return _IN_OUR_WORDS.get(found["type"], message)
