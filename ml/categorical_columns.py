"""Words: columns of a file that hold one of a few words, read as the domain's values."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeVar

from risksentinel.domain.transaction import Channel, Rail
from risksentinel.domain.verdict import STATUSES, Decision
from risksentinel.errors import Malformed

Word = TypeVar("Word", bound=StrEnum)

# `risksentinel labels export` writes decisions; other files may state the status that follows.
_DECISIONS: Final[Mapping[str, Decision]] = MappingProxyType(
    {
        **{each.value: each for each in Decision},
        **{status.value: each for each, status in STATUSES.items()},
    }
)


def channels(words: Sequence[Any] | None, count: int) -> list[Channel]:
    """The channels; a file that names none is taken for one of a shop's card payments.

    Raises:
        Malformed: a channel is missing, or is none of `Channel`.
    """
    if words is None:
        return [Channel.POS] * count
    known = _read("channels", {each.value: each for each in Channel}, set(words))
    return [known[word] for word in words]


def rails(words: Sequence[Any] | None, count: int) -> list[Rail | None]:
    """The rails; None where the file does not say. Raises Malformed."""
    return _optional("rails", {each.value: each for each in Rail}, words, count)


def decisions(words: Sequence[Any] | None) -> list[Decision | None] | None:
    """What was decided of each payment; None where the file does not say. Raises Malformed."""
    return None if words is None else _optional("decisions", _DECISIONS, words, len(words))


def _optional(
    what: str, known: Mapping[str, Word], words: Sequence[Any] | None, count: int
) -> list[Word | None]:
    if words is None:
        return [None] * count
    read = _read(what, known, {word for word in words if word is not None})
    return [None if word is None else read[word] for word in words]


def _read(what: str, known: Mapping[str, Word], words: set[Any]) -> dict[Any, Word]:
    strange = sorted(str(word) for word in words if word not in known)
    if strange:
        raise Malformed(
            f"the {what} {', '.join(strange)} are none of {', '.join(known)}: convert them, or "
            "rename the column to leave it out"
        )
    return {word: known[word] for word in words}
