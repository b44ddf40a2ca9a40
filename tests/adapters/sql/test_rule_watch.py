"""The performance of rules is what a scan of all decisions and labels finds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql import rule_watch
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.rule_watch import SqlRuleWatch
from risksentinel.adapters.sql.tables import rule_figures
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.money import Money
from risksentinel.domain.rule_performance import RuleFigures, RulePerformance
from risksentinel.domain.rule_watch import Window
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.domain.verdict import Decision, RiskLevel, Scored
from risksentinel.errors import NotFound
from risksentinel.usecases.measure_rules import measure_rules
from tests.adapters.sql.effort import EFFORT
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, next_version, payment, rule, scored
from tests.strategies import money

RULES: Final = ("r-1", "r-2", "r-3", "r-off")  # r-off is not active
DAYS: Final = st.integers(1, 40)


@dataclass(frozen=True)
class Decided:
    """A payment, the rules that fired on it, and what sources said of it."""

    scored: Scored
    rules: tuple[str, ...]
    findings: tuple[tuple[LabelSource, Finding], ...]  # one of a source at most

    @property
    def fraud(self) -> bool | None:
        """By the source that takes precedence."""
        said = dict(self.findings)
        for source in (LabelSource.CHARGEBACK, LabelSource.CUSTOMER_REPORT, LabelSource.ANALYST):
            if source in said:
                return said[source] is Finding.FRAUD
        return None

    @property
    def days_ago(self) -> int:
        """In South Africa."""
        today = NOW.astimezone(SOUTH_AFRICA).date()
        return (today - self.scored.transaction.occurred_at.astimezone(SOUTH_AFRICA).date()).days


def decided(
    number: int,
    hours: int = 0,
    *,
    rules: Sequence[str] = (),
    findings: Mapping[LabelSource, Finding] | None = None,
    amount: str | Money = "250.00",
    level: RiskLevel = RiskLevel.LOW,
) -> Decided:
    """A payment of so many hours ago, as scoring stores it."""
    one = replace(
        payment(f"tx-{number}", at=NOW - timedelta(hours=hours)),
        amount=amount if isinstance(amount, Money) else Money(Decimal(amount)),
    )
    fired = [{"rule": f"{name}@1", "name": name} for name in rules]
    receipt = {"signals": {"rules": {"status": "ok", "details": {"fired": fired}}}}
    made = scored(one, level=level)
    made = replace(made, verdict=replace(made.verdict, explanation=receipt))
    return Decided(made, tuple(rules), tuple((findings or {}).items()))


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


def store(engine: Engine, batch: Sequence[Decided]) -> None:
    """Store the payments in units of several sizes, then their labels."""
    ledger = SqlLedger(engine)
    for start in range(0, len(batch), 7):
        with ledger.unit() as unit:
            unit.keep([each.scored for each in batch[start : start + 7]])
    with ledger.unit() as unit:
        for each in batch:
            paid = each.scored.transaction
            for source, finding in each.findings:
                at = paid.occurred_at
                unit.write_label(Label(paid.id, source, 1, finding, "thandi", at, at, NOW))


def with_rules(engine: Engine) -> Engine:
    """An empty database with three active rules, and one that is not."""
    emptied(engine)
    with SqlLedger(engine).unit() as unit:
        for name in RULES:
            unit.write_rule(rule(name, f"rule {name}"))
        unit.write_rule(next_version(rule("r-off", "rule r-off"), active=False))
    return engine


def performances(engine: Engine, days: int) -> Mapping[str, RulePerformance]:
    """What is measured."""
    return measure_rules(SqlRuleWatch(engine).watched(Window.of(NOW, days)))


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


def test_payments_that_were_not_counted_make_nothing_silent(engine: Engine) -> None:
    """Before the first payments are counted, no rule is known to be silent."""
    with_rules(engine)
    store(engine, [decided(1, rules=["r-1", "r-2"]), decided(2)])
    with writing(engine) as connection:
        connection.execute(rule_figures.delete().where(rule_figures.c.rules == ""))

    watched = SqlRuleWatch(engine).watched(Window.of(NOW, 28))
    found = measure_rules(watched)

    assert not watched.complete
    assert (found["r-1"].silent, found["r-1"].only_with_others) == (False, None)
    assert (found["r-3"].silent, found["r-3"].silent_since) == (None, None)


def test_the_rows_that_are_read_are_bounded(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says that it has not read everything; the newest labels count."""
    monkeypatch.setattr(rule_watch, "MAX_SETS", 1)
    monkeypatch.setattr(rule_watch, "MAX_LABELLED", 2)
    with_rules(engine)
    fraud, genuine = {LabelSource.ANALYST: Finding.FRAUD}, {LabelSource.ANALYST: Finding.GENUINE}
    store(
        engine,
        [
            decided(1, 1, rules=["r-1"], findings=fraud),
            decided(2, 2, rules=["r-1"], findings=fraud),
            decided(3, 3, rules=["r-1"], findings=genuine),
            decided(4, 4, rules=["r-2"]),
        ],
    )

    watched = SqlRuleWatch(engine).watched(Window.of(NOW, 28))
    found = measure_rules(watched)

    assert (watched.complete, watched.labels_complete) == (False, False)
    assert (found["r-1"].total.fraud, found["r-1"].total.genuine) == (2, 0)
    assert found["r-2"].silent is None


def test_a_withdrawn_label_is_no_label(engine: Engine) -> None:
    """A finding that its source took back says nothing of the rule."""
    with_rules(engine)
    store(
        engine,
        [decided(1, rules=["r-1"], findings={LabelSource.CHARGEBACK: Finding.WITHDRAWN})],
    )

    total = performances(engine, 28)["r-1"].total

    assert (total.fraud, total.genuine, total.precision) == (0, 0, None)


def test_a_rule_that_is_not_active_is_watched_where_it_is_asked_for(engine: Engine) -> None:
    """Its figures explain why it was deactivated; it is not silent."""
    with_rules(engine)
    store(engine, [decided(1, rules=["r-1"])])
    watch, window = SqlRuleWatch(engine), Window.of(NOW, 28)

    assert "r-off" not in measure_rules(watch.watched(window))
    assert measure_rules(watch.watched(window, "r-off"))["r-off"].silent is False
    with pytest.raises(NotFound):
        watch.watched(window, "r-none")
