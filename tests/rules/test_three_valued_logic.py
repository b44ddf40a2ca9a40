from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.history import Snapshot
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Test as Part  # under its own name pytest would collect it
from risksentinel.rules.three_valued_logic import all_of, any_of, negation
from tests.rules.conditions import compare, rule_when, transactions
from tests.strategies import snapshots

TRUTHS = (False, None, True)  # in Kleene's order: all is the least, any the greatest
truths = st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=5)


def constant(truth: bool | None) -> Part:  # noqa: FBT001 - it is a truth
    """A part that always answers the same."""
    return lambda _: truth


def answer(part: Part) -> bool | None:
    """What the part says; the parts here look at no payment."""
    nothing: Observation = None  # type: ignore[assignment]
    return part(nothing)


@given(truths)
def test_all_is_the_least_and_any_the_greatest(parts: list[bool | None]) -> None:
    """An unknown part neither makes a rule fire nor acquits."""
    tests = [constant(part) for part in parts]

    assert answer(all_of(tests)) == min(parts, key=TRUTHS.index)
    assert answer(any_of(tests)) == max(parts, key=TRUTHS.index)


@given(truths)
def test_de_morgan(parts: list[bool | None]) -> None:
    """Analysts rewrite a condition and expect the same answer."""
    tests = [constant(part) for part in parts]
    negated = [negation(test) for test in tests]

    assert answer(negation(all_of(tests))) == answer(any_of(negated))
    assert answer(negation(any_of(tests))) == answer(all_of(negated))


@pytest.mark.parametrize(("truth", "negated"), [(True, False), (False, True), (None, None)])
def test_not_knowing_is_its_own_negation(truth: bool | None, negated: bool | None) -> None:  # noqa: FBT001 - they are truths
    """What is unknown does not become known by asking for the contrary."""
    assert answer(negation(constant(truth))) is negated


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, TRUTHS)))
def test_the_order_of_parts_does_not_matter(left: bool | None, right: bool | None) -> None:  # noqa: FBT001 - they are truths
    """Evaluation stops early, and nobody must see that."""
    forth, back = [constant(left), constant(right)], [constant(right), constant(left)]

    assert answer(all_of(forth)) is answer(all_of(back))
    assert answer(any_of(forth)) is answer(any_of(back))


@given(transactions, snapshots)
def test_a_silent_history_leaves_what_it_would_say_unknown(
    transaction: Transaction, snapshot: Snapshot
) -> None:
    """Silence is not innocence: neither is it absence."""
    counted = rule_when(compare("velocity.count", "gte", 1))
    present = rule_when(compare("velocity.count", "exists", value=True))

    silent, heard = Observation(transaction, None), Observation(transaction, snapshot)

    assert (counted.test(silent), present.test(silent)) == (None, None)
    assert (counted.test(heard), present.test(heard)) == (True, True)


@given(transactions)
def test_a_silent_history_does_not_hide_what_the_payment_says(transaction: Transaction) -> None:
    """Most rules need no history, and must work while it is away."""
    missing = rule_when(compare("rail", "exists", value=False))

    assert missing.test(Observation(transaction, None)) is (transaction.rail is None)
