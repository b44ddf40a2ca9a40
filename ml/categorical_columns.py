"""Categorical columns of a file: channel, rail and decision as values of the domain."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ml.file_column import FileColumn
from risksentinel.domain.transaction import Channel, Rail
from risksentinel.domain.verdict import STATUSES, Decision
from risksentinel.errors import Malformed

Word = TypeVar("Word", bound=StrEnum)

# `risksentinel labels export` writes decisions; other files may have the status instead.
_DECISIONS: Final[Mapping[str, Decision]] = MappingProxyType(
    {
        **{each.value: each for each in Decision},
        **{status.value: each for each, status in STATUSES.items()},
    }
)


def channels(words: FileColumn | None, count: int) -> list[Channel]:
    """The channels; without the column all payments are card payments at a point of sale.

    Raises:
        Malformed: a channel is missing, or is no `Channel`.
    """
    if words is None:
        return [Channel.POS] * count
    known = _read("channels", {each.value: each for each in Channel}, set(words))
    return [known[word] for word in words]


def rails(words: FileColumn | None, count: int) -> list[Rail | None]:
    """The rails; None where the file has none. Raises Malformed."""
    return _optional("rails", {each.value: each for each in Rail}, words, count)


def decisions(words: FileColumn | None) -> list[Decision | None] | None:
    """The decisions; None without the column, and where a cell is null. Raises Malformed."""
    return None if words is None else _optional("decisions", _DECISIONS, words, len(words))


def _optional(
    name: str, known: Mapping[str, Word], words: FileColumn | None, count: int
) -> list[Word | None]:
    if words is None:
        return [None] * count
    read = _read(name, known, {word for word in words if word is not None})
    return [None if word is None else read[word] for word in words]


def _read(name: str, known: Mapping[str, Word], words: set[Any]) -> dict[Any, Word]:
    unknown = sorted(str(word) for word in words if word not in known)
    if unknown:
        raise Malformed(
            f"the {name} {', '.join(unknown)} are none of {', '.join(known)}: convert them, or "
            "rename the column to leave it out"
        )
    return {word: known[word] for word in words}
