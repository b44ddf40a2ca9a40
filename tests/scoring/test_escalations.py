"""The contract of all registered ESCALATIONS, and of the lift to a floor."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.domain.money import Money
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.escalations import ESCALATIONS
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.strategies import NOW

SILENT = Silent("away")


POLICY = Policy()


SETTINGS = {
    "velocity_exceeded": "escalate_velocity_review",
    "velocity_far_exceeded": "escalate_velocity_decline",
    "amount_out_of_proportion": "escalate_amount_to_habit",
    "amount_beyond_ceiling": "escalate_amount_ceilings",
    "strong_signals": "escalate_strong_signals",
    "strong_without_past": "escalate_strong_without_past",
    "arrived_late": "max_lateness_seconds",
}


NEEDS_HISTORY = {
    "velocity_exceeded",
    "velocity_far_exceeded",
    "amount_out_of_proportion",
    "strong_without_past",
}


def paid(
    number: int,
    rand: str = "200.00",
    ago: timedelta = timedelta(0),
    channel: Channel = Channel.MOBILE_BANKING,
    rail: Rail | None = Rail.PAYSHAP,
) -> Transaction:
    """Return a payment of `me` to the same shop."""
    return Transaction(f"t{number}", "me", "shop", Money.parse(rand), channel, NOW - ago, rail)


def rule(action: str = "flag", floor: float | None = None, weight: float = 0.0) -> Rule:
    """Return a rule that always fires."""
    document: dict[str, Any] = {
        "name": f"{action} rule",
        "condition": {"field": "amount_zar", "operator": "gte", "value": 0},
        "weight": weight,
        "severity": "high",
        "action": action,
        "floor": floor,
    }
    return parse_rule(document, rule_id=f"r-{action}", version=1, created_at=NOW, updated_at=NOW)


CALM = rule(weight=0.0)


def facts(
    payments: list[Transaction],
    rules: tuple[Rule, ...] | Silent = (CALM,),
    model: Opinion = SILENT,
) -> Facts:
    """Return the facts of the last payment."""
    snapshots = MemoryHistory(timedelta(seconds=300)).record(payments)
    return Facts(payments[-1], snapshots[-1], rules, model)


def burst(count: int, **parts: Any) -> list[Transaction]:  # noqa: ANN401 - parts of a payment
    """Return `count` payments within five minutes."""
    return [paid(n, ago=timedelta(seconds=count - n), **parts) for n in range(count)]


def usual(rand: str = "1000.00", count: int = 6) -> list[Transaction]:
    """Return payments of earlier days."""
    return [paid(100 + n, rand, timedelta(days=20 - n)) for n in range(count)]


STRONG = Reading(0.999, ("rare",), {})


LARGE = "24999.99"


@dataclass(frozen=True)
class Example:
    """Facts for which an escalation applies, and similar ones for which it does not."""

    fires: Facts
    passes: tuple[Facts, ...]


by_eft: dict[str, Any] = {"channel": Channel.INTERNET_BANKING, "rail": Rail.EFT}


EXAMPLES = {
    "nothing_answered": Example(
        Facts(paid(1), SILENT, SILENT, SILENT),
        (Facts(paid(1), SILENT, (rule(weight=0.0),), SILENT), facts([paid(1)], SILENT)),
    ),
    "velocity_exceeded": Example(
        facts(burst(11)),
        (facts(burst(10)), facts([paid(1, "60000.00")]), facts(burst(30, **by_eft))),
    ),
    "velocity_far_exceeded": Example(
        facts(burst(31)),
        (facts(burst(30)), facts(burst(2, rand="90000.00")), facts(burst(31, **by_eft))),
    ),
    "amount_out_of_proportion": Example(
        facts([*usual(), paid(1, "25000.00")]),
        (
            facts([*usual(), paid(1, LARGE)]),
            facts([*usual(count=4), paid(1, "25000.00")]),
            facts([*usual("10.00"), paid(1, "9999.99")]),
        ),
    ),
    "amount_beyond_ceiling": Example(
        facts([paid(1, "50000.01")]),
        (facts([paid(1, "50000.00")]), facts([paid(1, "50000.01", rail=None)])),
    ),
    "strong_signals": Example(
        facts([*usual(), paid(1, "9000.00")], (rule(weight=0.95),)),
        (
            facts([*usual(), paid(1, "1000.00")], (rule(weight=0.95),)),
            facts([*usual(), paid(1, "9000.00")], model=STRONG),
        ),
    ),
    "strong_without_past": Example(
        facts([paid(1)], (rule(weight=0.95),)),
        (
            facts([paid(0, ago=timedelta(hours=24)), paid(1)], (rule(weight=0.95),)),
            facts([paid(1)], (rule(weight=0.89),)),
            facts([paid(1)], model=STRONG),
        ),
    ),
    "arrived_late": Example(
        facts([paid(1, ago=timedelta(days=7, seconds=1))]),
        (facts([paid(1, ago=timedelta(days=7))]), facts([paid(1, ago=-timedelta(minutes=5))])),
    ),
    "rule_review": Example(facts([paid(1)], (rule("review"),)), (facts([paid(1)]),)),
    "rule_decline": Example(
        facts([paid(1)], (rule("decline"),)), (facts([paid(1)], (rule("review"),)),)
    ),
    "rule_floor": Example(facts([paid(1)], (rule(floor=0.5),)), (facts([paid(1)]),)),
}


def names_of(found: Facts, policy: Policy = POLICY) -> set[str]:
    """Return the applied escalations."""
    return {each["name"] for each in score(found, policy, NOW).explanation["escalations"]}


@pytest.mark.parametrize("name", ESCALATIONS)
def test_fires_in_its_example(name: str) -> None:
    """Every registered escalation has an example."""
    verdict = score(EXAMPLES[name].fires, POLICY, NOW)

    (found,) = [each for each in verdict.explanation["escalations"] if each["name"] == name]
    assert found["lift"] > 0
    assert found["reason"]
    assert verdict.score >= Decimal(repr(found["floor"]))


@pytest.mark.parametrize("name", ESCALATIONS)
def test_does_not_apply_to_similar_facts(name: str) -> None:
    """At the limit the escalation does not apply."""
    for near in EXAMPLES[name].passes:
        assert name not in names_of(near)


@pytest.mark.parametrize(("name", "setting"), SETTINGS.items())
def test_none_turns_it_off(name: str, setting: str) -> None:
    """A risk team can turn off an escalation by a setting."""
    off: dict[str, Any] = {setting: None}

    assert name not in names_of(EXAMPLES[name].fires, replace(POLICY, **off))


@pytest.mark.parametrize("name", sorted(NEEDS_HISTORY))
def test_without_the_history_other_escalations_apply(name: str) -> None:
    """Without the history an escalation neither applies nor fails, and others still apply."""
    known = EXAMPLES[name].fires
    unknown = Facts(known.transaction, SILENT, (rule("review"),), known.model)

    assert names_of(unknown) == {"rule_review"}
    assert score(unknown, POLICY, NOW).decision is Decision.REVIEW


@given(st.sampled_from(sorted(EXAMPLES)), st.sampled_from(sorted(EXAMPLES)))
def test_lifts_accumulate(one: str, other: str) -> None:
    """A later escalation lifts the result of an earlier one."""
    known = EXAMPLES[one].fires
    with_rule = replace(known, rules=EXAMPLES[other].fires.rules)

    both, alone = (score(each, POLICY, NOW) for each in (with_rule, known))

    if names_of(with_rule) > names_of(known):
        assert both.score > alone.score


def test_an_account_that_sends_runs_may_send_its_run() -> None:
    """A monthly payroll by EFT has a payment for each employee."""
    run = [paid(n, "9000.00", timedelta(days=30, seconds=n), **by_eft) for n in range(20, 0, -1)]

    month = [paid(100 + n, "9000.00", timedelta(seconds=40 - n), **by_eft) for n in range(40)]

    assert "velocity_exceeded" not in names_of(facts([*run, *month]))
    assert "velocity_exceeded" in names_of(facts(month))
