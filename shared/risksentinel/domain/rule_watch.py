"""Window, SetCount, LabelledFired, WatchedRule: what the performance of rules is computed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Self

from risksentinel.domain.local_day import day_of, day_start

MAX_DAYS: Final = 365
USUAL_DAYS: Final = 28
_WEEK: Final = 7  # days


@dataclass(frozen=True, slots=True)
class Window:
    """The last `days` South African days up to `last`, which is included; counted since 1970."""

    last: int
    days: int

    @classmethod
    def of(cls, now: datetime, days: int) -> Self:
        """The days that end with today."""
        return cls(day_of(now), days)

    @property
    def first(self) -> int:
        """The oldest day."""
        return self.last - self.days + 1

    @property
    def since(self) -> datetime:
        """The first moment."""
        return day_start(self.first)

    @property
    def until(self) -> datetime:
        """The moment after the last one."""
        return day_start(self.last + 1)

    @property
    def weeks(self) -> Sequence["Window"]:
        """The weeks, oldest first. They end with the last day; the oldest may be short."""
        ends = range(self.last, self.first - 1, -_WEEK)
        return [Window(end, min(_WEEK, end - self.first + 1)) for end in reversed(ends)]

    @property
    def halves(self) -> tuple["Window", "Window"]:
        """The older and the newer half; the older one has one day more where days are odd."""
        newer = self.days // 2
        return Window(self.last - newer, self.days - newer), Window(self.last, newer)

    def __contains__(self, day: int) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class SetCount:
    """The payments on which exactly these rules fired, and the alerts among them.

    They are of one week, which ends `weeks_ago` weeks before the window does.
    """

    weeks_ago: int
    rules: tuple[str, ...]  # ids
    payments: int
    alerts: int


@dataclass(frozen=True, slots=True)
class LabelledFired:
    """A payment with an effective label, and the rules that fired on it."""

    day: int  # on which it occurred
    rules: tuple[str, ...]
    fraud: bool
    stopped: bool  # reviewed or declined
    amount: Decimal


@dataclass(frozen=True, slots=True)
class WatchedRule:
    """The newest version of a rule, and the last day before the window on which it fired.

    The day is read only for an active rule that did not fire in the window; None where it did not
    fire in the year before either, as far as payments were counted.
    """

    id: str
    name: str
    active: bool
    created_at: datetime
    last_fired: int | None = None


@dataclass(frozen=True, slots=True)
class WatchedRules:
    """What is stored of a window: all active rules, and each other rule that fired.

    `complete` says whether `sets` has all payments that were decided, and `labels_complete`
    whether `labelled` has all payments with labels.
    """

    window: Window
    rules: Mapping[str, WatchedRule]
    sets: Sequence[SetCount]
    labelled: Sequence[LabelledFired]
    complete: bool
    labels_complete: bool

    @property
    def payments(self) -> int:
        """The payments that were counted."""
        return sum(each.payments for each in self.sets)
