"""pydantic's errors as our faults: every path and message, never the value."""

from pydantic import ValidationError

from risksentinel.errors import Fault

_IN_OUR_WORDS = {
    "extra_forbidden": "is not a known field",
    "missing": "is required",
    "string_type": "must be text",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
}


def faults_of(error: ValidationError) -> list[Fault]:
    """One fault an error, with a dotted path and indexes in brackets."""
    return [
        Fault(_path(found["loc"]), _IN_OUR_WORDS.get(found["type"], found["msg"]))
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            # A name that a caller made up may be anything: it is cut before it is quoted.
            path += f".{step[:64]}" if path else step[:64]
    return path
