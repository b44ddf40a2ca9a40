"""The opinion of one signal about a payment: a Reading, or Silent, which is never a low risk."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from risksentinel.domain.checked_value import checked_value

Details = Mapping[str, Any]


@checked_value
class Reading:
    """A risk from 0 to 1, its reasons, and the values that it was computed from."""

    risk: float
    reasons: tuple[str, ...]
    details: Details = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.risk <= 1.0:
            raise ValueError(f"a risk must be between 0 and 1, not {self.risk}")


@checked_value
class Silent:
    """The signal could not compute a risk; `reason` says why. Silent never counts as risk 0."""

    reason: str
    details: Details = field(default_factory=dict)


Opinion = Reading | Silent
