"""Collect the violations of parts, with paths from the root."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from risksentinel.errors import Malformed, Violation

Item = TypeVar("Item")


def within(path: str, malformed: Malformed) -> list[Violation]:
    """Return the violations of a part, with the path of the part prepended."""
    return [
        Violation(path + violation.path, violation.message) for violation in malformed.violations
    ]


def read_each(read: Callable[[object], Item], raw: Sequence[object]) -> list[Item]:
    """Parse each item; the path of a violation starts with the item's index. Raises Malformed."""
    items: list[Item] = []
    violations: list[Violation] = []
    for index, item in enumerate(raw):
        try:
            items.append(read(item))
        except Malformed as malformed:
            violations += within(f"[{index}]", malformed)
    if len(items) < len(raw):
        raise Malformed(violations)
    return items
