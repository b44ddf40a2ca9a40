"""RuleFigures, RulePerformance: how often a rule fired, and how often it was right."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from risksentinel.domain.rule_watch import WatchedRule, Window
from risksentinel.domain.wilson import Share, overlap, wilson

_NOTHING: Final = Decimal("0.00")


@dataclass(slots=True)
class RuleFigures:
    """The figures of one rule in one window.

    `fraud` and `genuine` are payments with an effective label on which the rule fired; `caught` is
    the rand of the fraud among them that was reviewed or declined.
    """

    window: Window
    payments: int = 0  # that were decided and counted
    fired: int = 0
    alerted: int = 0  # of the fired
    alone: int = 0  # of the fired, those on which no other rule fired
    fraud: int = 0
    genuine: int = 0
    caught: Decimal = _NOTHING

    @property
    def fired_share(self) -> float | None:
        """The share of payments on which the rule fired; None without payments."""
        return wilson(self.fired, self.payments).value

    @property
    def alert_rate(self) -> float | None:
        """The share of payments on which the rule fired and an alert was raised."""
        return wilson(self.alerted, self.payments).value

    @property
    def precision(self) -> Share | None:
        """The share of fraud among the labelled payments; None where none is labelled."""
        labelled = self.fraud + self.genuine
        return wilson(self.fraud, labelled) if labelled else None


@dataclass(frozen=True, slots=True)
class FiredWith:
    """Another rule, and the payments on which both fired."""

    id: str
    name: str
    payments: int


@dataclass(frozen=True, slots=True)
class RulePerformance:
    """The performance of one rule in a window, in each week, and in each half of the window.

    None is unknown: `silent` where some payments were not counted or none was decided,
    `only_with_others` where the rule did not fire or some payments were not counted, and `drifted`
    where a half has no labelled payment.
    """

    rule: WatchedRule
    total: RuleFigures
    weeks: Sequence[RuleFigures]  # oldest first
    silent: bool | None
    silent_since: date | None
    only_with_others: bool | None
    fired_with: Sequence[FiredWith]  # most payments first
    older_precision: Share | None
    newer_precision: Share | None

    @property
    def drifted(self) -> bool | None:
        """Whether the precision of the newer half differs from that of the older half.

        It differs where the Wilson intervals of 95 % of both halves do not overlap. Schenker and
        Gentleman (2001), "On judging the significance of differences by examining the overlap
        between confidence intervals", The American Statistician 55(3): this is stricter than a test
        at 5 %, for intervals of about the same width it is one at 0.6 %. So of 200 rules that did
        not change about one is reported, and a small change needs more labels to be seen.
        """
        older, newer = self.older_precision, self.newer_precision
        if older is None or newer is None:
            return None
        return not overlap(older, newer)
