"""Names: what to say of a key, a field or an operator that does not exist."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

_LONGEST_QUOTE: Final = 40


def unknown(what: str, name: object, names: Collection[str]) -> str:
    """Say that the name does not exist, which one may be meant, and which there are."""
    there_are = ", ".join(names)
    if not isinstance(name, str):
        return f"must be a text, one of: {there_are}"
    closest = get_close_matches(name[:_LONGEST_QUOTE], names, n=1)
    hint = f"; did you mean {closest[0]}?" if closest else ";"
    return f"unknown {what} {quoted(name)}{hint} There are: {there_are}"


def key_path(key: object) -> str:
    """The path of a key below its node: `.key`, or `['a key']` where it is no plain name."""
    if isinstance(key, str) and key.isascii() and key.isidentifier() and len(key) <= _LONGEST_QUOTE:
        return f".{key}"
    return f"[{quoted(key)}]" if isinstance(key, str) else f"[{type(key).__name__}]"


def quoted(text: str) -> str:
    """A text in quotes and in ASCII, cut off where it is long."""
    return ascii(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")
