"""Month: one month of UTC; Span: a partition that holds what came in a stretch of time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Self

from typing_extensions import override

# What grows without end, and the time by which it is partitioned: always the engine's own clock.
# When a payment occurred is somebody else's word, and would put it into any month they like.
GROWING: Final[Mapping[str, str]] = MappingProxyType(
    {"transactions": "received_at", "risk_scores": "received_at", "audit_log": "at"}
)
DEFAULT: Final = "default"
_BOUND: Final = re.compile(r"FOR VALUES FROM \('([^']+)'\) TO \('([^']+)'\)")
_PARTITION: Final = re.compile(rf"({'|'.join(GROWING)})_({DEFAULT}|\d{{4}}_\d\d)")
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month, counted since the year 0."""

    number: int

    @classmethod
    def of(cls, at: datetime) -> Self:
        """The month that holds this moment."""
        utc = at.astimezone(UTC)
        return cls(utc.year * _MONTHS + utc.month - 1)

    def after(self, months: int) -> "Month":
        """The month so many months later."""
        return Month(self.number + months)

    def and_following(self, months: int) -> Iterator["Month"]:
        """This one and so many after it."""
        return map(self.after, range(months + 1))

    @property
    def begin(self) -> datetime:
        """Its first moment."""
        return datetime(self.number // _MONTHS, self.number % _MONTHS + 1, 1, tzinfo=UTC)

    @override
    def __str__(self) -> str:
        return f"{self.begin:%Y_%m}"


@dataclass(frozen=True, slots=True)
class Span:
    """A partition of a table: from `since` on, before `until`."""

    table: str
    name: str
    since: datetime
    until: datetime

    @classmethod
    def read(cls, table: str, name: str, bound: str) -> Self | None:
        """The partition that PostgreSQL's catalogue describes; None where it is no span of time."""
        known = _BOUND.fullmatch(bound)
        if known is None:
            return None
        since, until = (datetime.fromisoformat(at).astimezone(UTC) for at in known.groups())
        return cls(table, name, since, until)

    def touches(self, month: Month) -> bool:
        """Whether it holds a moment of this month."""
        return self.since < month.after(1).begin and month.begin < self.until


def is_partition(name: str) -> bool:
    """Whether a table of this name is a part of a growing one."""
    return _PARTITION.fullmatch(name) is not None
