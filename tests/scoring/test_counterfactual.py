"""The least changes of a payment with which its decision would be milder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.domain.history import Snapshot
from risksentinel.domain.money import Money
from risksentinel.domain.statutory_report import kinds_due
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.domain.verdict import GRAVITY, Decision
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.parse import parse_rule
from risksentinel.scoring.changed_facts import (
    at_another_hour,
    with_amount,
    with_beneficiary_known,
    with_device_known,
)
from risksentinel.scoring.counterfactual import Change, least_changes
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.replay import facts_of, model_of
from risksentinel.scoring.score import score
from tests.scoring.test_replay import DEFAULTS
from tests.strategies import NOW, policies, snapshots, transactions

NIGHT = datetime(2026, 5, 1, 22, 30, tzinfo=UTC)  # 00:30 in South Africa


def _from_receipt(facts: Facts, policy: Policy) -> Facts:
    """The facts as the receipt has them."""
    receipt = unpack(pack(score(facts, policy, NOW).explanation))
    assert isinstance(facts.rules, ActiveRules)
    return facts_of(facts.transaction, receipt, facts.rules, model_of(receipt))


def _rule(action: str, *conditions: dict[str, Any]) -> ActiveRules:
    document = {
        "name": "one",
        "condition": {"all": list(conditions)},
        "weight": 0.5,
        "severity": "high",
        "action": action,
    }
    rule = parse_rule(document, rule_id="r-1", version=1, created_at=NOW, updated_at=NOW)
    return ActiveRules([rule])


def _asks(field: str, operator: str, value: object) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def _facts(rules: ActiveRules, **stated: Any) -> Facts:  # noqa: ANN401 - fields of a payment
    payment = Transaction(
        id="p-1",
        sender_id="a",
        receiver_id="b",
        amount=Money(Decimal(stated.pop("amount", 9000))),
        channel=Channel.MOBILE_BANKING,
        occurred_at=stated.pop("at", NOW),
        **stated,
    )
    (seen,) = MemoryHistory(timedelta(seconds=300)).record([payment])
    return _from_receipt(Facts(payment, seen, rules), Policy())


@given(transactions, snapshots, policies())
def test_every_change_was_scored_and_is_milder(
    payment: Transaction, history: Snapshot, policy: Policy
) -> None:
    """A change that is answered must hold when the payer makes it."""
    known = _from_receipt(Facts(payment, history, DEFAULTS), policy)
    before = score(known, policy, NOW).decision

    for change in least_changes(known, policy, NOW):
        verdict = score(_changed(known, change), policy, NOW)

        assert (verdict.decision, verdict.score) == (change.decision, change.score)
        assert GRAVITY[change.decision] < GRAVITY[before]


@given(transactions, snapshots, policies())
def test_a_payment_that_is_reported_or_approved_has_none(
    payment: Transaction, history: Snapshot, policy: Policy
) -> None:
    """The answer must not say whether a report is due."""
    known = _from_receipt(Facts(payment, history, DEFAULTS), policy)
    approved = score(known, policy, NOW).decision is Decision.APPROVE

    if approved or kinds_due(known.transaction):
        assert least_changes(known, policy, NOW) == ()


def _changed(facts: Facts, change: Change) -> Facts:
    if change.of == "amount_zar":
        return with_amount(facts, Money(Decimal(str(change.to))))
    if change.of == "local_time":
        moved = datetime.fromisoformat(str(change.to)) - facts.transaction.occurred_at
        return at_another_hour(facts, round(moved.total_seconds() / 3600))
    known = with_beneficiary_known if change.of == "beneficiary_days" else with_device_known
    return known(facts, int(change.to))


def test_the_amount_is_the_largest_that_is_milder_to_one_part_in_128() -> None:
    """An answer without a figure would not help."""
    facts = _facts(_rule("review", _asks("amount_zar", "gte", "4000.00")))

    (change,) = least_changes(facts, Policy(), NOW)

    assert (change.of, change.decision) == ("amount_zar", Decision.APPROVE)
    assert Decimal(3925) < Decimal(str(change.to)) < Decimal(4000)


def test_the_age_of_the_beneficiary_counts_in_days() -> None:
    """A payer can wait a day."""
    new = _asks("receiver.is_new_for_sender", "eq", True)  # noqa: FBT003 - a JSON value
    facts = _facts(_rule("decline", new))

    changes = {change.of: change.to for change in least_changes(facts, Policy(), NOW)}

    assert changes == {"beneficiary_days": 1}


def test_a_known_device_is_found() -> None:
    """A payer can order from the usual phone."""
    new = _asks("device.is_new_for_sender", "eq", True)  # noqa: FBT003 - a JSON value
    facts = _facts(_rule("review", new), device_id="phone")

    assert {each.of: each.to for each in least_changes(facts, Policy(), NOW)} == {"device_days": 1}


def test_the_nearest_other_hour_is_found() -> None:
    """A payer can pay in the morning."""
    facts = _facts(_rule("review", _asks("is_night", "eq", True)), at=NIGHT)  # noqa: FBT003 - JSON

    (change,) = least_changes(facts, Policy(), NOW)

    assert (change.of, change.to) == ("local_time", "2026-05-01T21:30:00+02:00")


@pytest.mark.parametrize("rail", [Rail.CASH, None])
def test_a_rule_that_counts_cash_has_no_answer(rail: Rail | None) -> None:
    """An amount just below what structuring is detected by must never be told."""
    counts = _asks("sender.cash_sum_zar_24h", "gte", "4000.00")
    other = _asks("amount_zar", "gte", "4000.00")
    facts = _facts(_rule("review", counts if rail is Rail.CASH else other), rail=rail)

    assert bool(least_changes(facts, Policy(), NOW)) is (rail is None)


def test_an_unknown_second_largest_amount_is_not_guessed() -> None:
    """A figure that the receipt does not have gives no answer."""
    facts = _facts(_rule("review", _asks("sender.largest_zar_24h", "gte", "4000.00")))
    history = facts.history
    assert isinstance(history, Snapshot)
    window = history.paid.window(86_400)
    twice = replace(window, count=2, cents=window.cents * 2)
    counted = type(history.paid).known({**history.paid.counted, 86_400: twice}, {})
    several = replace(facts, history=replace(history, paid=counted))

    assert [change.of for change in least_changes(facts, Policy(), NOW)] == ["amount_zar"]
    assert least_changes(several, Policy(), NOW) == ()
