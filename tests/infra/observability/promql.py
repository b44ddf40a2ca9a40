"""What a PromQL expression asks for: its metrics, and the labels that it names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

# A name or a number, a string, a comment, a range; whatever else is one character.
_TOKEN: Final = re.compile(
    r"""
    (?P<string> "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | `[^`]*` )
    | (?P<comment> \#[^\n]* )
    | (?P<range> \[ [^\]]* \] )
    | (?P<number> \d [\w.]* )
    | (?P<name> [A-Za-z_:] [\w:]* )
    | (?P<other> \S )
    """,
    re.VERBOSE | re.ASCII,
)
_LABELS_FOLLOW: Final = {"by", "without", "on", "ignoring", "group_left", "group_right"}
_WORDS: Final = {"and", "or", "unless", "bool", "offset", "atan2", "inf", "nan"}


@dataclass(slots=True)
class Asked:
    """The metrics with the labels that select their series, and the labels that group them."""

    metrics: dict[str, set[str]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)


def asked(expression: str) -> Asked:
    """Read one expression."""
    found = Asked()
    tokens = [*_tokens(expression), ("end", "")]
    metric = ""  # whose selector is being read
    inside: set[str] | None = None  # where names are labels now
    for (kind, text), (_, following) in pairwise(tokens):
        if text == "{":
            inside = found.metrics.setdefault(metric, set())
        elif text in {"}", ")"}:
            inside = None
        elif kind == "name" and inside is not None:
            inside.add(text)
        elif kind == "name" and text.lower() in _LABELS_FOLLOW:
            inside = found.groups if following == "(" else None
        elif kind == "name" and following != "(" and not _is_word(text, following):
            metric = text
            found.metrics.setdefault(metric, set())
    return found


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    for match in _TOKEN.finditer(expression):
        if match.lastgroup not in {"string", "comment", "range"}:
            yield str(match.lastgroup), match[0]


def _is_word(text: str, following: str) -> bool:
    # An aggregation may name its labels first: sum by (function) (...).
    return text.lower() in _WORDS or following.lower() in {"by", "without"}
