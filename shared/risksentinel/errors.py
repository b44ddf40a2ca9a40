"""The errors of RiskSentinel: the type says what the caller must do.

RiskSentinelError
├── Rejected            change what you send; the same again can never work
│   ├── Malformed       it cannot be read, or breaks a rule of its format
│   │   └── NoCursor    it names no page of the list that it is sent to
│   ├── NotFound        there is no such thing
│   ├── Conflict        it contradicts what is kept already
│   └── StaleVersion    somebody else changed it since you read it
├── InProgress          another delivery of the same thing is being handled; send it again later
├── Retryable           send the same again later
│   └── Unavailable     a part that this needs does not answer
└── Misconfigured       the operator must change a setting
    └── NotMigrated     the operator must bring the database up to date
"""

from collections.abc import Iterable
from dataclasses import dataclass

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong, and where: `path` is dotted, with indexes in brackets."""

    path: str
    message: str

    @override
    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RiskSentinelError(Exception):
    """The root of every error that RiskSentinel raises on purpose."""


class Rejected(RiskSentinelError):
    """What was sent cannot be accepted, now or later."""

    def __init__(self, violations: Iterable[Violation] | str) -> None:
        self.violations = (
            (Violation("", violations),) if isinstance(violations, str) else tuple(violations)
        )
        super().__init__("; ".join(map(str, self.violations)))


class Malformed(Rejected):
    """It cannot be read, or breaks a rule of its format."""


class NoCursor(Malformed):
    """It names no page of the list that it is sent to."""


class NotFound(Rejected):
    """There is no such thing."""


class Conflict(Rejected):
    """It contradicts what is kept already."""


class StaleVersion(Rejected):
    """It was changed by somebody else since the caller read it."""


class InProgress(RiskSentinelError):
    """Another delivery of the same thing is being handled right now."""


class Retryable(RiskSentinelError):
    """The same again, later, may work."""


class Unavailable(Retryable):
    """A part that this needs does not answer; `reason` says why, for the operator, no secret."""

    def __init__(self, part: str, cause: BaseException | None = None, reason: str = "") -> None:
        self.part = part
        known = reason or (type(cause).__name__ if cause is not None else "")
        super().__init__(f"{part} does not answer{': ' if known else ''}{known}")


class Misconfigured(RiskSentinelError):
    """A setting is missing or wrong; the message says which, in one line."""


class NotMigrated(Misconfigured):
    """The database lacks a migration of this release."""
