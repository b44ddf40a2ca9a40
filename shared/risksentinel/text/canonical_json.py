"""canonical: JSON with one spelling for each value, so that equal values have equal hashes."""

import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

quoted: Final = encode_basestring  # a text as JSON, with no escapes that are not needed


def canonical(value: Any) -> str:  # noqa: ANN401  # JSON is any of seven types
    """The JSON of the value: keys in order, no spaces, no escapes that are not needed.

    For text, whole numbers below 2^53, booleans, null, lists, and objects whose keys are ASCII this
    is the form of RFC 8785. A Decimal is written as the text of its digits, another number as
    Python writes it.
    """
    return _ENCODER.encode(value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER: Final = json.JSONEncoder(
    default=_plain,
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=False,
    allow_nan=False,
    check_circular=False,
)
