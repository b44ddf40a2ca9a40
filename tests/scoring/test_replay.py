"""Every receipt has enough to compute its decision again."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.sql.packed_receipt import pack, unpack
from risksentinel.domain.signal import Silent
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.scoring.basis import basis_of, policy_of, rule_digests
from risksentinel.scoring.differences import differences
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.replay import NotInReceipt, facts_of, model_of
from risksentinel.scoring.score import score
from tests.scoring.test_score import all_facts
from tests.strategies import NOW, policies, snapshots, transactions

DEFAULTS = ActiveRules(
    parse_rule(document, rule_id=rule_id, version=1, created_at=NOW, updated_at=NOW)
    for rule_id, document in DEFAULT_RULES.items()
)
default_facts = st.builds(Facts, transactions, snapshots, st.just(DEFAULTS))
MUTABLE = ("known", "new", "settled", "paid", "got", "received", "answers", "lists", "digest")


def _again(facts: Facts, receipt: dict[str, Any], policy: Policy) -> dict[str, Any]:
    """The receipt that is computed from a receipt."""
    known = facts_of(facts.transaction, receipt, _rules(facts), model_of(receipt))
    again: dict[str, Any] = unpack(pack(score(known, policy, NOW).explanation))
    return again


def _rules(facts: Facts) -> tuple[Rule, ...] | Silent:
    return facts.rules if isinstance(facts.rules, Silent) else tuple(facts.rules)


def _stored(facts: Facts, policy: Policy) -> dict[str, Any]:
    receipt: dict[str, Any] = unpack(pack(score(facts, policy, NOW).explanation))
    return receipt


@given(all_facts() | default_facts, policies())
def test_a_receipt_is_computed_again_to_the_last_digit(facts: Facts, policy: Policy) -> None:
    """An auditor must be able to compute an old decision again, with nothing but the receipt."""
    receipt = _stored(facts, policy)

    assert list(differences(receipt, _again(facts, receipt, policy))) == []


@given(default_facts, policies(), st.data())
def test_a_change_of_any_input_is_a_difference(
    facts: Facts, policy: Policy, data: st.DataObject
) -> None:
    """A changed input must be found, also if it changes no decision."""
    receipt = _stored(facts, policy)
    inputs = receipt["inputs"]
    name = data.draw(st.sampled_from([each for each in MUTABLE if each in inputs]))
    inputs[name] = _changed(inputs[name], data)

    try:
        again = _again(facts, receipt, policy)
    except (NotInReceipt, TypeError, ValueError):
        return
    assert list(differences(receipt, again))


def _changed(value: Any, data: st.DataObject) -> Any:  # noqa: ANN401 - any JSON
    """Another value of the same shape, with one leaf changed."""
    if isinstance(value, dict) and value:
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: _changed(value[name], data)}
    if isinstance(value, list) and value:
        place = data.draw(st.integers(0, len(value) - 1))
        return [*value[:place], _changed(value[place], data), *value[place + 1 :]]
    if isinstance(value, bool) or value is None:
        return not value
    return value + 1 if isinstance(value, int | float) else f"{value}0"


@given(policies())
def test_a_basis_names_every_rule_and_reads_back_to_its_policy(policy: Policy) -> None:
    """A rule that did not fire decided, too."""
    basis = basis_of(DEFAULTS, policy)
    document = json.loads(json.dumps(basis.document))

    assert policy_of(document) == policy
    assert list(rule_digests(document) or ()) == [rule.reference for rule in DEFAULTS]


def test_another_rule_or_policy_is_another_basis() -> None:
    """The digest must change with everything that it stands for."""
    policy = Policy()
    digests = {
        basis_of(rules, each).digest
        for rules in (DEFAULTS, ActiveRules(DEFAULTS[1:]))
        for each in (policy, Policy(code="other"), Policy(velocity_max_count=11))
    }

    assert len(digests) == 6
