"""A rule with a contradiction never fires, and the search for it ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.account_book import AccountBook
from risksentinel.domain.history import snapshot_of
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.contradictions import MAX_TRIALS, Search
from risksentinel.rules.normal_form import normal_form
from risksentinel.rules.observation import Observation
from tests.rules.conditions import (
    compare,
    comparisons,
    conditions,
    every,
    memberships,
    never_fires,
    rule_when,
)
from tests.strategies import transactions

NAMES: Final = st.sampled_from(["A", "B", "C"])
AGO: Final = st.integers(-300, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    """Draw the observation of a payment with a history, or without one."""
    parties = st.tuples(NAMES, NAMES)

    def between_few(payment: Transaction, pair: tuple[str, str], ago: timedelta) -> Transaction:
        return replace(
            payment,
            sender_id=pair[0],
            receiver_id=pair[1],
            occurred_at=last.occurred_at - ago,
            sim_swapped_at=None,
            beneficiary_added_at=None,
        )

    drawn = draw(transactions)
    last = replace(drawn, occurred_at=drawn.occurred_at + timedelta(days=365))
    earlier = draw(st.lists(st.builds(between_few, transactions, parties, AGO), max_size=8))
    sender, receiver = draw(parties)
    last = replace(last, sender_id=sender, receiver_id=receiver)
    book = AccountBook(10)
    for payment in earlier:
        book.record(payment)
    snapshot = snapshot_of(last, book.record(last), draw(st.sampled_from([60, 300])))
    return Observation(last, draw(st.sampled_from([None, snapshot])), draw(memberships(last)))


@given(conditions, observations())
def test_a_rule_with_the_warning_never_fires(condition: object, observation: Observation) -> None:
    """A wrong warning would make an analyst change a rule that works."""
    rule = rule_when(condition)

    assert not (never_fires(rule) and rule.test(observation))


@given(observations(), st.data())
def test_a_rule_that_fires_has_no_such_warning(
    observation: Observation, data: st.DataObject
) -> None:
    """The same, with rules that are built to fire on a payment."""
    parts = data.draw(st.lists(comparisons, min_size=1, max_size=4))
    holding = [part if rule_when(part).test(observation) else {"not": part} for part in parts]
    rule = rule_when(every(*holding))

    assert not (rule.test(observation) and never_fires(rule))


@given(st.lists(comparisons, min_size=1, max_size=3), observations())
def test_a_condition_and_its_opposite_never_fire(
    parts: list[dict[str, object]], observation: Observation
) -> None:
    """A comparison cannot be true and false for one payment."""
    rule = rule_when(every(*parts, {"not": parts[0]}))

    assert never_fires(rule)
    assert not rule.test(observation)


def test_the_search_of_a_huge_rule_stops() -> None:
    """A rule with 200 lists of 1,000 values must not occupy a worker."""
    rand = [*range(1000)]
    texts = [f"ACC-{number}" for number in rand]
    asking = [compare("sender_id", "in", texts), compare("amount_zar", "not_in", rand)]
    condition = every(*[every(*asking * 25) for _ in range(4)])

    search = Search()
    clash = search.contradiction(normal_form(rule_when(condition).condition))

    assert clash is None
    assert search.trials <= MAX_TRIALS + 200 * 1000
