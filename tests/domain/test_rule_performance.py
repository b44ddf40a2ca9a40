"""Windows, and when the precision of a rule has drifted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.rule_performance import RuleFigures, RulePerformance
from risksentinel.domain.rule_watch import WatchedRule, Window
from risksentinel.domain.wilson import wilson

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
Counts = tuple[int, int]  # of fraud, and of all labelled payments


def performance(older: Counts | None, newer: Counts | None) -> RulePerformance:
    """A rule with these labels in both halves."""
    return RulePerformance(
        rule=WatchedRule("r-1", "rule", active=True, created_at=NOW),
        total=RuleFigures(Window.of(NOW, 28)),
        weeks=(),
        silent=False,
        silent_since=None,
        only_with_others=False,
        fired_with=(),
        older_precision=older and wilson(*older),
        newer_precision=newer and wilson(*newer),
    )


@pytest.mark.parametrize(
    ("older", "newer", "drifted"),
    [
        ((90, 100), (50, 100), True),
        ((50, 100), (90, 100), True),
        ((90, 100), (85, 100), False),
        ((2, 2), (0, 2), False),  # so few labels say nothing
        (None, (0, 100), None),
        ((0, 100), None, None),
    ],
)
def test_precision_has_drifted_where_the_intervals_do_not_overlap(
    older: Counts | None, newer: Counts | None, *, drifted: bool | None
) -> None:
    """Where a half has no label, that is unknown."""
    assert performance(older, newer).drifted is drifted


@given(st.integers(1, 365))
def test_weeks_and_halves_cover_each_day_of_the_window_once(days: int) -> None:
    """No payment counts twice, and none is left out."""
    window = Window.of(NOW, days)

    for parts in (window.weeks, window.halves):
        covered = [day for part in parts for day in range(part.first, part.last + 1)]
        assert covered == list(range(window.first, window.last + 1))
        assert all(part.days <= 7 for part in window.weeks)
