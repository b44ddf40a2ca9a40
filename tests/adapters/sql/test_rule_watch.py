"""The performance of rules is what a scan of all decisions and labels finds."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.rule_performance import RuleFigures
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.domain.verdict import Decision, RiskLevel
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.samples import NOW
from tests.adapters.sql.watched_rules import (
    RULES,
    Decided,
    decided,
    performances,
    store,
    with_rules,
)
from tests.strategies import money

DAYS: Final = st.integers(1, 40)


some_decided = st.lists(
    st.builds(
        lambda number, hours, rules, findings, amount, level: decided(
            number, hours, rules=rules, findings=findings, amount=amount, level=level
        ),
        st.integers(0, 10_000),
        st.integers(0, 24 * 45),
        st.lists(st.sampled_from(RULES), unique=True, max_size=4),
        st.dictionaries(
            st.sampled_from(LabelSource), st.sampled_from([Finding.FRAUD, Finding.GENUINE])
        ),
        money,
        st.sampled_from(RiskLevel),
    ),
    unique_by=lambda each: each.scored.transaction.id,
    max_size=30,
)


def scanned(batch: Sequence[Decided], rule_id: str) -> tuple[Any, ...]:
    """The figures that a scan of these payments finds."""
    mine = [each for each in batch if rule_id in each.rules]
    frauds = [each for each in mine if each.fraud]
    stopped = [each for each in frauds if each.scored.verdict.decision is not Decision.APPROVE]
    return (
        len(batch),
        len(mine),
        sum(each.scored.verdict.alert for each in mine),
        sum(each.rules == (rule_id,) for each in mine),
        len(frauds),
        sum(each.fraud is False for each in mine),
        sum((each.scored.transaction.amount.amount for each in stopped), Decimal(0)),
    )


def members(figures: RuleFigures) -> tuple[Any, ...]:
    """The same figures, as measured."""
    return (
        figures.payments,
        figures.fired,
        figures.alerted,
        figures.alone,
        figures.fraud,
        figures.genuine,
        figures.caught,
    )


@EFFORT
@given(batch=some_decided, days=DAYS)
def test_the_performance_is_what_a_scan_finds(
    database: Engine, batch: list[Decided], days: int
) -> None:
    """In the window, in each week of it, and in each half."""
    engine = with_rules(database)
    store(engine, batch)

    found = performances(engine, days)

    within = [each for each in batch if each.days_ago < days]
    assert {name for each in within for name in each.rules} <= set(found)
    for name, one in found.items():
        assert members(one.total) == scanned(within, name)
        for ago, week in enumerate(reversed(one.weeks)):
            of_week = [each for each in within if each.days_ago // 7 == ago]
            assert members(week) == scanned(of_week, name)
        for newer, precision in ((True, one.newer_precision), (False, one.older_precision)):
            half = [each for each in within if (each.days_ago < days // 2) is newer]
            *_, frauds, genuine, _ = scanned(half, name)
            share = frauds / (frauds + genuine) if frauds + genuine else None
            assert (precision and precision.value) == (share and pytest.approx(share, abs=1e-6))
        others = Counter(
            other for each in within if name in each.rules for other in each.rules if other != name
        )
        assert {each.id: each.payments for each in one.fired_with} == others
        fired, alone = one.total.fired, one.total.alone
        assert one.only_with_others == (None if not fired else not alone)
        assert one.silent == (
            None if not within and one.rule.active else one.rule.active and not fired
        )


@EFFORT
@given(batch=some_decided, days=DAYS)
def test_a_silent_rule_names_the_day_after_it_last_fired(
    database: Engine, batch: list[Decided], days: int
) -> None:
    """So an analyst sees whether a change of the rule, or of the fraud, silenced it."""
    engine = with_rules(database)
    store(engine, batch)

    found = performances(engine, days)

    today = NOW.astimezone(SOUTH_AFRICA).date()
    for name, one in found.items():
        last = min((each.days_ago for each in batch if name in each.rules), default=None)
        if one.silent and last is not None:
            assert one.silent_since == today - timedelta(days=last - 1)
        else:
            assert one.silent_since is None
