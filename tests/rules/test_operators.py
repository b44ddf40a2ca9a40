from dataclasses import replace
from decimal import Decimal

import pytest

from risksentinel.errors import Malformed
from risksentinel.rules.comparison import read_comparison
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operand import read_operand
from risksentinel.rules.operators import OPERATORS
from tests.rules.conditions import compare

KINDS = [(name, kind) for name, operator in OPERATORS.items() for kind in operator.kinds]


@pytest.mark.parametrize("name", OPERATORS)
def test_is_true_for_its_example_and_false_for_its_counter_example(name: str) -> None:
    """Each operator must be true for its example and false for its counter-example."""
    operator = OPERATORS[name]
    field = next(field for field in FIELDS.values() if field.kind is operator.kinds[0])
    free = replace(field, choices=(), within=None)

    answers = [
        operator.compare(value, read_operand(operator.takes, free, raw))
        for value, raw in (operator.example, operator.counter_example)
    ]

    assert answers == [True, False]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_each_kind_that_it_takes_has_a_field(name: str, kind: str) -> None:
    """The documentation must not list a kind that no field has."""
    fields = [field for field in FIELDS.values() if field.kind == kind]

    assert fields, name


@pytest.mark.parametrize("name", OPERATORS)
def test_has_a_short_meaning(name: str) -> None:
    """The API's documentation is generated from the registry."""
    operator = OPERATORS[name]

    assert operator.meaning
    assert operator.takes.value


@pytest.mark.parametrize("name", OPERATORS)
def test_refuses_a_value_of_another_type(name: str) -> None:
    """A value that parsing refuses cannot fail during scoring."""
    kinds = OPERATORS[name].kinds
    field = next(name for name, field in FIELDS.items() if field.kind in kinds)

    with pytest.raises(Malformed) as refused:
        read_comparison(compare(field, name, {"not": "a value"}))

    assert [violation.path for violation in refused.value.violations] == [".value"]


def test_a_range_holds_both_ends() -> None:
    """The rule for structuring needs R49,999.99 itself."""
    between = OPERATORS["between"]
    ends = read_operand(between.takes, FIELDS["amount_zar"], ["40000.00", "49999.99"])

    held = [
        between.compare(Decimal(amount), ends)
        for amount in ("39999.99", "40000.00", "49999.99", "50000.00")
    ]

    assert held == [False, True, True, False]
