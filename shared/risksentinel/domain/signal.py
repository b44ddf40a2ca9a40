"""Signal: one opinion about a payment. Silence is never innocence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """A risk from 0 to 1, why, and what it was computed from."""

    risk: float
    reasons: tuple[str, ...]
    details: Details = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.risk <= 1.0:
            raise ValueError(f"a risk lies between 0 and 1, not at {self.risk}")


@dataclass(frozen=True, slots=True)
class Silent:
    """Could not find out: never 0, never "low"."""

    reason: str
    details: Details = field(default_factory=dict)


Opinion = Reading | Silent
