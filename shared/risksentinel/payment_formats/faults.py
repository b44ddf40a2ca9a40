"""pydantic's errors as our faults: every path and message, never the value."""

from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from risksentinel.errors import Fault
from risksentinel.strict_json import inside

_IN_OUR_WORDS: Final = {
    "extra_forbidden": "is not a known field",
    "missing": "is required",
    "string_type": "must be text",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "union_tag_invalid": "is none of the kinds that are known here",
    "uuid_parsing": "must be a UUID",
    "url_parsing": "must be a URL",
}


def faults_of(error: ValidationError, part: str = "") -> list[Fault]:
    """One fault an error, with a dotted path that begins with the part, indexes in brackets."""
    details = error.errors(include_url=False, include_context=False)
    return [Fault(_path(part, found["loc"]), _message(found)) for found in details]


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
