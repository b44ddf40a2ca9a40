from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Test as Part  # pytest would collect the original name
from risksentinel.rules.three_valued_logic import all_of, any_of, negation
from tests.rules.conditions import compare, rule_when, transactions
from tests.strategies import snapshots

TRUTHS = (False, None, True)  # in Kleene's order: all is the least, any the greatest
truths = st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=5)


def constant(truth: bool | None) -> Part:  # noqa: FBT001 - it is a truth
    """Return a part with a constant result."""
    return lambda _: truth


def answer(part: Part) -> bool | None:
    """Return the result of the part, which reads no payment."""
    nothing: Observation = None  # type: ignore[assignment]
    return part(nothing)


@given(truths)
def test_all_is_the_least_and_any_the_greatest(parts: list[bool | None]) -> None:
    """An unknown part makes a rule neither true nor false."""
    tests = [constant(part) for part in parts]

    assert answer(all_of(tests)) == min(parts, key=TRUTHS.index)
    assert answer(any_of(tests)) == max(parts, key=TRUTHS.index)


@given(truths)
def test_de_morgan(parts: list[bool | None]) -> None:
    """Equivalent conditions must have the same result."""
    tests = [constant(part) for part in parts]
    negated = [negation(test) for test in tests]

    assert answer(negation(all_of(tests))) == answer(any_of(negated))
    assert answer(negation(any_of(tests))) == answer(all_of(negated))


@pytest.mark.parametrize(("truth", "negated"), [(True, False), (False, True), (None, None)])
def test_the_negation_of_unknown_is_unknown(truth: bool | None, negated: bool | None) -> None:  # noqa: FBT001 - they are truths
    """The negation of unknown is unknown."""
    assert answer(negation(constant(truth))) is negated


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_the_order_of_parts_does_not_matter(left: bool | None, right: bool | None) -> None:  # noqa: FBT001 - they are truths
    """Early termination must not change the result."""
    forth, back = [constant(left), constant(right)], [constant(right), constant(left)]

    assert answer(all_of(forth)) is answer(all_of(back))
    assert answer(any_of(forth)) is answer(any_of(back))


@given(transactions, snapshots)
def test_without_the_history_its_fields_are_unknown(
    transaction: Transaction, snapshot: Snapshot
) -> None:
    """Without the history, a count is unknown, not 0."""
    counted = rule_when(compare("velocity.count", "gte", 1))
    present = rule_when(compare("velocity.count", "exists", value=True))

    silent, heard = Observation(transaction, None), Observation(transaction, snapshot)

    assert (counted.test(silent), present.test(silent)) == (None, None)
    assert (counted.test(heard), present.test(heard)) == (True, True)


@given(transactions)
def test_without_the_history_fields_of_the_payment_are_known(transaction: Transaction) -> None:
    """Rules without fields of the history must work while it is unavailable."""
    missing = rule_when(compare("rail", "exists", value=False))

    assert missing.test(Observation(transaction, None)) is (transaction.rail is None)
