from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.http.masking import masked
from risksentinel.rules.observation import Observation
from risksentinel.rules.steps import steps
from tests.rules.conditions import (
    WRITTEN,
    compare,
    either,
    every,
    observations,
    read_rule,
    rule_documents,
)

WORDS = {True: "true", False: "false", None: "unknown"}
PAYMENT = Transaction("t", "ACCOUNT-1234", "you", Money.parse("75000"), Channel.USSD, WRITTEN)


def results_below(part: Mapping[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """The result of each all, any and not, with the results of its parts."""
    for name in ("all", "any", "not"):
        if name in part:
            parts = [part["not"]] if name == "not" else part[name]
            yield name, part["result"], [each["result"] for each in parts]
            for each in parts:
                yield from results_below(each)


def joined(name: str, results: list[str]) -> str:
    """Kleene's tables, written without the code under test."""
    order = ["false", "unknown", "true"]
    if name == "not":
        return order[2 - order.index(results[0])]
    return (min if name == "all" else max)(results, key=order.index)


@given(rule_documents, observations)
def test_the_root_has_the_result_of_the_rule(document: object, observation: Observation) -> None:
    """An explanation that differs from the live evaluation is wrong."""
    rule = read_rule(document)

    assert steps(rule.condition, observation)["result"] == WORDS[rule.test(observation)]


@given(rule_documents, observations)
def test_each_branch_follows_from_its_parts(document: object, observation: Observation) -> None:
    """A reader can check each result with the results below it."""
    for name, result, parts in results_below(steps(read_rule(document).condition, observation)):
        assert result == joined(name, parts)


def test_a_comparison_has_the_value_that_it_was_tested_with() -> None:
    """An unknown value is null, and its result is not "false"."""
    condition = every(
        compare("amount_zar", "gt", 50000),
        either(compare("velocity.count", "gt", 3), compare("channel", "eq", "pos")),
        {"not": compare("rail", "eq", "eft")},
    )

    assert steps(condition, Observation(PAYMENT, None)) == {
        "all": [
            {**compare("amount_zar", "gt", 50000), "seen": "75000.00", "result": "true"},
            {
                "any": [
                    {**compare("velocity.count", "gt", 3), "seen": None, "result": "unknown"},
                    {**compare("channel", "eq", "pos"), "seen": "ussd", "result": "false"},
                ],
                "result": "unknown",
            },
            {
                "not": {**compare("rail", "eq", "eft"), "seen": None, "result": "unknown"},
                "result": "unknown",
            },
        ],
        "result": "unknown",
    }


def test_the_account_of_a_step_is_masked_where_conditions_are_shown() -> None:
    """An author of rules without the right to read accounts sees own operands, not the payment."""
    step = steps(compare("sender_id", "eq", "OTHER-ACCOUNT"), Observation(PAYMENT, None))

    assert masked(step, conditions=False) == {**step, "seen": "****1234"}
