"""checked_value: a dataclass without assignments, as mypy checks; Python checks it for `frozen`.

A frozen dataclass sets each field through a call: the values of one payment took a tenth of the
time of its score.
"""

from dataclasses import dataclass
from typing import TypeVar

from typing_extensions import dataclass_transform

_Value = TypeVar("_Value")


@dataclass_transform(frozen_default=True)
def checked_value(cls: type[_Value]) -> type[_Value]:
    """Make a dataclass with slots and a hash; an assignment to a field is an error of mypy."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
