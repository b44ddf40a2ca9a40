"""Condition: a parsed part of a rule, as JSON and as a test, with the fields and lists it reads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from risksentinel.rules import three_valued_logic
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import NO_AMOUNT, Test, TestFor


@dataclass(frozen=True, slots=True)
class Condition:
    """`document` parses to the same condition; `fields` and `lists` are in order of first use.

    `test_for` is that of a rule. Below `min_amount` rand the condition is false.
    """

    document: dict[str, Any]
    test: Test
    test_for: TestFor
    fields: tuple[str, ...]
    lists: tuple[str, ...] = ()
    min_amount: Decimal = NO_AMOUNT


def all_of(parts: Sequence[Condition]) -> Condition:
    """Return a condition that is true if all parts are."""
    return _joined("all", parts, three_valued_logic.all_of, max)


def any_of(parts: Sequence[Condition]) -> Condition:
    """Return a condition that is true if at least one part is."""
    return _joined("any", parts, three_valued_logic.any_of, min)


def negation(part: Condition) -> Condition:
    """Return a condition that is true if the part is false."""
    negated = three_valued_logic.negation

    def test_for(observation: Observation) -> Test:
        return negated(part.test_for(observation))

    return Condition({"not": part.document}, negated(part.test), test_for, part.fields, part.lists)


def _quick_first(parts: Sequence[Condition]) -> list[Condition]:
    """Order the parts that read only the payment before those that count the history, for speed."""
    return sorted(parts, key=lambda part: any(FIELDS[name].from_history for name in part.fields))


def _joined(
    name: str,
    parts: Sequence[Condition],
    joined: Callable[[Sequence[Test]], Test],
    amount: Callable[[Iterable[Decimal]], Decimal],
) -> Condition:
    ordered = _quick_first(parts)

    def test_for(observation: Observation) -> Test:
        return joined([part.test_for(observation) for part in ordered])

    test = joined([part.test for part in ordered])
    fields = dict.fromkeys(field for part in parts for field in part.fields)
    lists = dict.fromkeys(used for part in parts for used in part.lists)
    least = amount(part.min_amount for part in parts)
    document = {name: [part.document for part in parts]}
    return Condition(document, test, test_for, tuple(fields), tuple(lists), least)
