"""chunks: a long list in parts that one statement can carry."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")
_MOST: Final = 500


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in order, at most 500 at a time."""
    return (items[start : start + _MOST] for start in range(0, len(items), _MOST))
