"""canonical: JSON with one spelling for each value, so that equal values have equal hashes."""

import json
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,
)


def canonical(value: Any) -> bytes:  # noqa: ANN401  # JSON is any of seven types
    """The JSON of the value in UTF-8: keys in order, no spaces, no escapes that are not needed.

    For text, whole numbers below 2^53, booleans, null, lists, and objects whose keys are ASCII this
    is the form of RFC 8785. Other numbers are written as Python writes them.
    """
    return _ENCODER.encode(value).encode()
