"""Convert the errors of pydantic to violations: path and message of each, never the value."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from risksentinel.errors import Violation
from risksentinel.text.strict_json import inside

_IN_OUR_WORDS: Final = {
    "extra_forbidden": "is not a known field",
    "missing": "is required",
    "string_type": "must be text",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a list",
    "bool_parsing": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "decimal_parsing": "must be a number",
    "float_parsing": "must be a number",
    "union_tag_invalid": "is not a known type",
    "uuid_parsing": "must be a UUID",
    "url_parsing": "must be a URL",
}
_CHOICES: Final = frozenset({"enum", "literal_error"})
# The only types whose message may contain a part of the value: the messages of the other types
# are made from the schema, and those of RiskSentinel (PydanticCustomError) are constants.
_MAY_QUOTE: Final = frozenset(
    {
        *("value_error", "assertion_error", "iteration_error", "get_attribute_error"),
        *("date_parsing", "date_from_datetime_parsing", "time_parsing", "datetime_parsing"),
        *("datetime_from_date_parsing", "datetime_object_invalid", "time_delta_parsing"),
        *("json_invalid", "mapping_type", "url_syntax_violation", "bytes_invalid_encoding"),
    }
)
_SUBJECT: Final = re.compile(r"^[A-Z][a-z]+( input)? should")  # of pydantic's messages
_QUOTED: Final = re.compile(r"'([^']*)'")
_MAX_COMPARED: Final = 40  # characters of a wrong word that are compared with the allowed words
_NO_WORD: Final = re.compile(r"[\W_]+")


def violations_of(error: ValidationError, part: str = "") -> list[Violation]:
    """Return one violation for each error; its path begins with `part`."""
    details = error.errors(include_url=False)
    return [Violation(_path(part, found["loc"]), _message(found)) for found in details]


def _path(part: str, location: tuple[int | str, ...]) -> str:
    path = part
    for step in location:
        path = inside(path, step)
    return path


def _message(found: ErrorDetails) -> str:
    kind, given = found["type"], found["input"]
    if kind in _CHOICES:
        return must_be_one_of(_QUOTED.findall(found["ctx"]["expected"]), given)
    message = found["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if kind in _MAY_QUOTE and _quotes(message, given):
        message = "is not valid"
    return _IN_OUR_WORDS.get(kind, _SUBJECT.sub("must", message))


def _quotes(message: str, given: object) -> bool:
    return isinstance(given, (str, int)) and str(given) != "" and str(given) in message


def must_be_one_of(words: Sequence[str], given: object) -> str:
    """Return a message with the allowed words and the closest one, without the given word."""
    closest = _closest(words, given) if isinstance(given, str) else None
    hint = f"; did you mean {closest}?" if closest else ""
    return f"must be one of: {', '.join(words)}{hint}"


def _closest(words: Sequence[str], given: str) -> str | None:
    """Return the only allowed word that is similar; None if there are none or several."""
    written = _NO_WORD.sub("_", given[:_MAX_COMPARED].casefold()).strip("_")
    if written in words:
        return written
    near = get_close_matches(written, words, n=2)
    return near[0] if len(near) == 1 else None
