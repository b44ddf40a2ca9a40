"""The limits of all active rules together."""

from time import process_time
from typing import Any

import pytest

from risksentinel.errors import Conflict
from risksentinel.rules.pattern import finder
from risksentinel.rules.rule_limits import (
    MAX_ACTIVE_RULES,
    MAX_COMPARISONS,
    MAX_PATTERNS,
    refuse_too_many,
)
from tests.timing import assert_within, in_time

EQUAL = {"field": "channel", "operator": "==", "value": "atm"}
PATTERN = {"field": "sender_id", "operator": "regex", "value": "MULE"}


def rule(*parts: dict[str, Any]) -> dict[str, Any]:
    """The document of a rule with these comparisons."""
    return {"condition": {"all": [{"not": part} for part in parts]}}


def test_the_last_rule_within_the_limit_is_taken() -> None:
    """The limit itself is allowed."""
    refuse_too_many([rule(EQUAL)] * (MAX_ACTIVE_RULES - 1), rule(EQUAL))

    with pytest.raises(Conflict, match="200 rules are active: deactivate one"):
        refuse_too_many([rule(EQUAL)] * MAX_ACTIVE_RULES, rule(EQUAL))


def test_patterns_of_all_rules_count_together() -> None:
    """Forty rules of 200 patterns cost the next payment five seconds and 280 MB."""
    half = rule(*[PATTERN] * (MAX_PATTERNS // 2))

    refuse_too_many([half], half)

    with pytest.raises(Conflict, match="61 patterns, at most 60 are allowed: join patterns"):
        refuse_too_many([half, half], rule(PATTERN))


@in_time
def test_the_slowest_patterns_of_all_rules_cost_a_payment_little() -> None:
    """Together about 50 ms; measured against a fixed amount of work, because machines differ."""
    letters = "abcdefghij"
    texts = ["".join(letters[n * n * step % 10] for n in range(64)) for step in range(1, 6)]
    tests = [finder(f"([a-j]{{0,10}}[a-j]{{0,10}}){{1,40}}q{n}") for n in range(MAX_PATTERNS)]

    matching, adding = [], []
    for text in texts:
        began = process_time()
        assert not sum(test(text) for test in tests)
        matching.append(process_time() - began)
        began = process_time()
        sum(range(1_000_000))
        adding.append(process_time() - began)

    assert_within(min(matching), 6 * min(adding))  # 2 to 4 were measured


def test_a_rule_without_patterns_is_not_refused_for_the_patterns_of_others() -> None:
    """A book that is too large from before can still get other rules."""
    refuse_too_many([rule(*[PATTERN] * MAX_PATTERNS)] * 2, rule(EQUAL))


def test_comparisons_of_all_rules_count_together() -> None:
    """Each payment pays for each comparison."""
    hundred = rule(*[EQUAL] * 100)
    others = [hundred] * (MAX_COMPARISONS // 100 - 1)

    refuse_too_many(others, hundred)

    with pytest.raises(Conflict, match="5,001 comparisons"):
        refuse_too_many([*others, hundred], rule(EQUAL))


@pytest.mark.parametrize("document", [{}, {"condition": None}, {"condition": [3, {"all": 1}]}])
def test_an_unreadable_rule_counts_as_a_rule(document: dict[str, Any]) -> None:
    """A rule of a later release must not stop every writer."""
    refuse_too_many([document], rule(EQUAL))
