"""The opinion of one signal about a payment: a Reading, or Silent, which is never a low risk."""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
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


class Absence(StrEnum):
    """How a source failed that may answer later."""

    LATE = "late"  # it was asked, and did not answer within its share of the deadline
    MISSING = "missing"  # it could not be asked, or failed


@checked_value
class Silent:
    """The signal could not compute a risk; `reason` says why. Silent never counts as risk 0.

    `absence` is None where the sources answered, and gave nothing to compute a risk from: such as
    a sender without earlier payments.
    """

    reason: str
    details: Details = field(default_factory=dict)
    absence: Absence | None = None


Opinion = Reading | Silent


def status_of(opinion: Opinion) -> str:
    """Return ok; silent, if the sources gave nothing to compute a risk from; late or missing."""
    if isinstance(opinion, Reading):
        return "ok"
    return "silent" if opinion.absence is None else opinion.absence.value


def absence_of(status: str) -> Absence | None:
    """Return how the source of a signal with this status failed."""
    return None if status in {"ok", "silent"} else Absence(status)
