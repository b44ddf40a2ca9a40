"""Pattern: a regular expression that runs in linear time and bounded memory, on RE2."""

from collections.abc import Callable
from typing import Final

import re2  # type: ignore[import-untyped]  # it publishes no types; only this file imports it

from risksentinel.errors import Malformed

MAX_PATTERN: Final = 512
# 8,000 steps of a program. A rule may have 200 patterns, and each worker stores every rule.
_MAX_MEMORY: Final = 256 * 1024


def finder(pattern: str) -> Callable[[str], bool]:
    """Return a function that searches a text for the pattern, like `re.search`.

    Raises:
        Malformed: the pattern is not valid in RE2, or needs too much memory.
    """
    try:
        compiled = re2.compile(pattern.encode(), _options())
    except re2.error as error:
        raise Malformed(f"must be an RE2 pattern: {_words(error)}") from None
    # A payment's text may contain surrogates, which have no UTF-8; they match nothing.
    return lambda text: compiled.search(text.encode("utf-8", "surrogatepass")) is not None


def _options() -> object:
    options = re2.Options()
    options.max_mem = _MAX_MEMORY
    options.never_capture = True
    options.log_errors = False
    return options


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else b""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
