"""measure_rules: the performance of all rules of a window, in one pass over its figures."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from risksentinel.domain.local_day import date_of
from risksentinel.domain.rule_performance import FiredWith, RuleFigures, RulePerformance
from risksentinel.domain.rule_watch import (
    LabelledFired,
    SetCount,
    WatchedRule,
    WatchedRules,
    Window,
)

MAX_FIRED_WITH: Final = 10  # other rules


def measure_rules(watched: WatchedRules) -> Mapping[str, RulePerformance]:
    """The performance of each watched rule, by id; the rule that fired most is the first."""
    payments: Counter[int] = Counter()
    tallies: defaultdict[str, _Tally] = defaultdict(lambda: _Tally(watched.window))
    for each in watched.sets:
        payments[each.weeks_ago] += each.payments
        for rule in each.rules:
            tallies[rule].count(each, rule)
    for one in watched.labelled:
        for rule in one.rules:
            tallies[rule].label(one)
    for name in watched.rules:
        tallies[name].decided(payments)
    most_first = sorted(watched.rules, key=lambda name: (-tallies[name].total.fired, name))
    return {name: _performance(watched.rules[name], tallies[name], watched) for name in most_first}


@dataclass(slots=True)
class _Tally:
    """The figures of one rule while they are counted."""

    window: Window
    total: RuleFigures = field(init=False)
    weeks: Sequence[RuleFigures] = field(init=False)  # oldest first
    halves: Sequence[RuleFigures] = field(init=False)
    others: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.total = RuleFigures(self.window)
        self.weeks = [RuleFigures(week) for week in self.window.weeks]
        self.halves = [RuleFigures(half) for half in self.window.halves]

    def count(self, counted: SetCount, rule: str) -> None:
        for figures in (self.total, self.weeks[-1 - counted.weeks_ago]):
            figures.fired += counted.payments
            figures.alerted += counted.alerts
            figures.alone += counted.payments if len(counted.rules) == 1 else 0
        for other in counted.rules:
            if other != rule:
                self.others[other] += counted.payments

    def label(self, labelled: LabelledFired) -> None:
        for figures in (self.total, *self.weeks, *self.halves):
            if labelled.day in figures.window:
                figures.fraud += labelled.fraud
                figures.genuine += not labelled.fraud
                if labelled.fraud and labelled.stopped:
                    figures.caught += labelled.amount

    def decided(self, payments: Mapping[int, int]) -> None:
        """Set the payments that were decided; they are keyed by the weeks since."""
        for ago, week in enumerate(reversed(self.weeks)):
            week.payments = payments.get(ago, 0)
        self.total.payments = sum(week.payments for week in self.weeks)


def _performance(rule: WatchedRule, tally: _Tally, watched: WatchedRules) -> RulePerformance:
    total = tally.total
    silent = _is_silent(rule, total, complete=watched.complete)
    return RulePerformance(
        rule=rule,
        total=total,
        weeks=tally.weeks,
        silent=silent,
        silent_since=_since(rule) if silent else None,
        only_with_others=_never_alone(total, complete=watched.complete),
        fired_with=_most(tally.others, watched.rules),
        older_precision=tally.halves[0].precision,
        newer_precision=tally.halves[1].precision,
    )


def _is_silent(rule: WatchedRule, total: RuleFigures, *, complete: bool) -> bool | None:
    if total.fired or not rule.active:
        return False
    return True if complete and total.payments else None


def _since(rule: WatchedRule) -> date | None:
    return None if rule.last_fired is None else date_of(rule.last_fired + 1)


def _never_alone(total: RuleFigures, *, complete: bool) -> bool | None:
    if total.alone:
        return False
    return True if complete and total.fired else None


def _most(others: Counter[str], rules: Mapping[str, WatchedRule]) -> Sequence[FiredWith]:
    ordered = sorted(others.items(), key=lambda each: (-each[1], each[0]))
    return [
        FiredWith(name, rules[name].name if name in rules else name, payments)
        for name, payments in ordered[:MAX_FIRED_WITH]
    ]
