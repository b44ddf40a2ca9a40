"""A page of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list; `following` is the key of its last item, None on the last page."""

    items: Sequence[Item]
    following: tuple[str, ...] | None
