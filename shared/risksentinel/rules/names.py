"""Messages for keys, fields and operators that do not exist."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

_MAX_QUOTE: Final = 40


def unknown(what: str, name: object, names: Collection[str]) -> str:
    """Return a message with the unknown name, the closest name and all allowed names."""
    there_are = ", ".join(names)
    if not isinstance(name, str):
        return f"must be a text, one of: {there_are}"
    closest = get_close_matches(name[:_MAX_QUOTE], names, n=1)
    hint = f"; did you mean {closest[0]}?" if closest else ";"
    return f"unknown {what} {quoted(name)}{hint} There are: {there_are}"


def key_path(key: object) -> str:
    """Return the path of a key: `.key`, or `['a key']` if it is not a plain name."""
    if isinstance(key, str) and key.isascii() and key.isidentifier() and len(key) <= _MAX_QUOTE:
        return f".{key}"
    return f"[{quoted(key)}]" if isinstance(key, str) else f"[{type(key).__name__}]"


def quoted(text: str) -> str:
    """Return the text quoted, in ASCII, and truncated if it is long."""
    return ascii(text if len(text) <= _MAX_QUOTE else text[: _MAX_QUOTE - 1] + "…")
