"""The dry run of a rule against the live engine, on SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.domain.rule_trial import MAX_EXAMPLES
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.rule import Rule
from tests.backtest.filled import Engined
from tests.backtest.test_as_stored import Step, lived, lives
from tests.fakes.scoring import RULES
from tests.rules.conditions import compare, conditions
from tests.usecases.trial_bench import ALL, rule_with, try_rule

_NEAR: Final = {
    FieldKind.INTEGER: st.integers(0, 6),
    FieldKind.MONEY: st.sampled_from(["0.00", "200.00", "400.05", "49999.99", "50200.00"]),
    FieldKind.NUMBER: st.sampled_from([0, 0.5, 1, 2, 200]),
}
_ORDER: Final = st.sampled_from(["gt", "gte", "lt", "lte", "eq", "ne"])


def near(name: str) -> st.SearchStrategy[dict[str, object]]:
    """A comparison that some payments of a life meet, and others do not."""
    kind = FIELDS[name].kind
    there = st.booleans().map(lambda wanted: compare(name, "exists", wanted))
    if kind in _NEAR:
        return there | st.builds(lambda o, v: compare(name, o, v), _ORDER, _NEAR[kind])
    if kind is FieldKind.FLAG:
        return there | st.booleans().map(lambda flag: compare(name, "eq", flag))
    if kind is FieldKind.CHOICE:
        return there
    texts = st.sampled_from(["A", "b", "shop", "phone", "mule"])
    listed = st.sampled_from(["mule", "block"]).map(lambda of: compare(name, "in_list", of))
    return there | listed | texts.map(lambda text: compare(name, "eq", text))


_near = st.sampled_from(sorted(FIELDS)).flatmap(near)
near_conditions = st.recursive(
    _near,
    lambda parts: (
        st.lists(parts, min_size=1, max_size=3).map(lambda all_: {"all": all_})
        | st.lists(parts, min_size=1, max_size=3).map(lambda any_: {"any": any_})
        | parts.map(lambda part: {"not": part})
    ),
    max_leaves=4,
)


def fired_live(filled: Engined) -> dict[str, bool]:
    """Whether the rule fired, from the receipt of each decision."""
    found = SqlStoredOutcomes(filled.engine)(list(filled.past().events()))
    return {past.payment.id: "tried" in said.rules for past, said in found}


@settings(max_examples=25, deadline=None)
@given(
    life=lives(),
    condition=near_conditions | conditions,
    others=st.sampled_from([RULES, RULES[:3], ()]),
)
@example(  # a sender of yesterday is not new in the last hour
    life=[
        (0, ("pay", [(0, "A", "shop", 0, False)])),
        (86_400, ("pay", [(1, "A", "shop", 0, False)])),
    ],
    condition=compare("receiver.new_senders_1h", "gte", 1),
    others=(),
)
def test_a_dry_run_fires_exactly_where_the_live_engine_fires(
    database: Engine, life: list[tuple[int, Step]], condition: object, others: Sequence[Rule]
) -> None:
    """Decided without the rule, then tried; and decided again with the rule active."""
    rule = rule_with(condition)
    live = fired_live(lived(database, life, (*others, rule)))
    lived(database, life, others)
    use_case = try_rule(database)

    trial = use_case.over(rule, ALL)
    some = sorted(live)[:4]
    stepped = {name: use_case.one(rule, name).fires for name in some}

    found = {each.transaction.id for each in trial.examples}
    assert (trial.payments, trial.fired) == (len(live), sum(live.values()))
    assert found == {n for n, v in live.items() if v} or trial.fired > MAX_EXAMPLES
    assert all(live[name] for name in found)
    assert stepped == {name: live[name] for name in some}
    assert trial.complete
    assert trial.without_facts == 0
