"""Decided payments and the rules that fired on them, stored for the tests of rules' performance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.rule_watch import SqlRuleWatch
from risksentinel.domain.label import Finding, Label, LabelSource
from risksentinel.domain.money import Money
from risksentinel.domain.rule_performance import RulePerformance
from risksentinel.domain.rule_watch import Window
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.domain.verdict import RiskLevel, Scored
from risksentinel.usecases.measure_rules import measure_rules
from tests.adapters.sql.emptied import emptied
from tests.adapters.sql.samples import NOW, next_version, payment, rule, scored

RULES: Final = ("r-1", "r-2", "r-3", "r-off")  # r-off is not active


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
