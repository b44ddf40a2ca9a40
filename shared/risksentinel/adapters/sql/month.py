"""Month: one month in UTC; Span: a partition of a table, with its limits in time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Self

from typing_extensions import override

# The tables that are partitioned by month, and the column: always a time of this engine's clock.
# `occurred_at` is given by the client, so a client could put a payment into any month.
GROWING: Final[Mapping[str, str]] = MappingProxyType(
    {"transactions": "received_at", "risk_scores": "received_at", "audit_log": "at"}
)
DEFAULT: Final = "default"
_BOUND: Final = re.compile(r"FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)")
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month in UTC, counted since the year 0."""

    number: int

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The month of this moment."""
        utc = at.astimezone(UTC)
        return cls(utc.year * _MONTHS + utc.month - 1)

    def after(self, months: int) -> "Month":
        """The month `months` later."""
        return Month(self.number + months)

    def and_following(self, months: int) -> Iterator["Month"]:
        """This month and the `months` after it."""
        return map(self.after, range(months + 1))

    @property
    def begin(self) -> datetime:
        """The first moment of the month."""
        return datetime(self.number // _MONTHS, self.number % _MONTHS + 1, 1, tzinfo=UTC)

    @override
    def __str__(self) -> str:
        return f"{self.begin:%Y_%m}"


@dataclass(frozen=True, slots=True)
class Span:
    """A partition of a table: `since` included, `until` excluded."""

    table: str
    name: str
    since: datetime
    until: datetime

    @classmethod
    def read(cls, table: str, name: str, bound: str) -> Self | None:
        """The partition that PostgreSQL's catalogue describes; None for a default partition."""
        known = _BOUND.fullmatch(bound)
        if known is None:
            return None
        since, until = (datetime.fromisoformat(at).astimezone(UTC) for at in known.groups())
        return cls(table, name, since, until)

    def touches(self, month: Month) -> bool:
        """Whether the partition contains a moment of this month."""
        return self.since < month.after(1).begin and month.begin < self.until
