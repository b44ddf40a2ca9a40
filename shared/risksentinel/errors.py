"""The errors of RiskSentinel: the type says what the caller must do.

RiskSentinelError
├── Rejected            change the request: the same request always fails
│   ├── Malformed       the input cannot be read, or violates a rule of its format
│   │   └── NoCursor    the cursor belongs to no page of this list
│   ├── Unauthenticated the caller is unknown: send valid credentials
│   ├── Forbidden       the caller lacks a right
│   ├── NotFound        the resource does not exist
│   ├── Gone            the resource is used up or expired: get a new one
│   ├── Conflict        the input contradicts stored data
│   ├── StaleVersion    the resource has changed since the caller read it
│   └── VersionRequired the change must name the version that the caller read
├── InProgress          another delivery of the same event is being handled; send it again later
├── Retryable           send the same request again later
│   ├── TooManyRequests the caller used its rate limit
│   └── Unavailable     a required part does not answer
│       └── Late        it was asked, and did not answer in time
└── Misconfigured       the operator must change a setting
    └── NotMigrated     the operator must migrate the database
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from typing_extensions import override


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation of the input; `path` is dotted, with indexes in brackets, empty for the whole."""

    path: str
    message: str

    @override
    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class RiskSentinelError(Exception):
    """The base of every error that RiskSentinel raises on purpose."""


class Rejected(RiskSentinelError):
    """The request cannot be accepted, now or later."""

    def __init__(self, violations: Iterable[Violation] | str) -> None:
        self.violations = (
            (Violation("", violations),) if isinstance(violations, str) else tuple(violations)
        )
        super().__init__("; ".join(map(str, self.violations)))


class Malformed(Rejected):
    """The input cannot be read, or violates a rule of its format."""


class NoCursor(Malformed):
    """The cursor belongs to no page of this list."""


class Unauthenticated(Rejected):
    """The request has no valid credentials."""


class Forbidden(Rejected):
    """The caller is known, and lacks the right for the request."""


class NotFound(Rejected):
    """The resource does not exist."""


class Gone(Rejected):
    """The resource existed, and is used up or expired."""


class Conflict(Rejected):
    """The input contradicts stored data."""


class StaleVersion(Rejected):
    """The resource has changed since the caller read it."""


class VersionRequired(Rejected):
    """The change must name the version that the caller read."""


class InProgress(RiskSentinelError):
    """Another delivery of the same event is being handled."""


class Retryable(RiskSentinelError):
    """The same request may succeed later."""


class TooManyRequests(Retryable):
    """The caller used its rate limit; it may send again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, ceil(seconds))
        super().__init__(f"the caller used its rate limit: send again in {self.seconds} s")


class Unavailable(Retryable):
    """A required part does not answer; `reason` is for the operator and contains no secret."""

    def __init__(self, part: str, cause: BaseException | None = None, reason: str = "") -> None:
        self.part = part
        known = reason or (type(cause).__name__ if cause is not None else "")
        super().__init__(f"{part} does not answer{': ' if known else ''}{known}")


class Late(Unavailable):
    """The part was asked, and its time was over before it answered."""


class Misconfigured(RiskSentinelError):
    """A setting is missing or wrong; the message names the setting, in one line."""


class NotMigrated(Misconfigured):
    """The database lacks a migration of this release."""
