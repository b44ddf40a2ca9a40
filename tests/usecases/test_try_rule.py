"""The dry run of a rule against the live engine, on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.rule_trials import SqlTrialRecords
from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.domain.rule_trial import MAX_EXAMPLES, RuleTrial
from risksentinel.errors import Rejected, Retryable
from risksentinel.ports.rule_trials import TrialSpan
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.rule import Rule
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.past_observations import PastObservations
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.try_rule import TryRule
from tests.backtest.filled import AGES, Engined, moment, scoring
from tests.backtest.test_as_stored import Step, lived, lives, paid
from tests.fakes.scoring import RULES, FixedLists, SwitchedHistory
from tests.rules.conditions import compare, conditions, every, read_rule

ALL: Final = TrialSpan(None, None, 50_000)
_LEAST: Final = {"name": "Tried", "weight": 0, "severity": "low"}  # changes no decision
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


def try_rule(engine: Engine, **members: Any) -> TryRule:  # noqa: ANN401 - members of TryRule
    """The use case without a bound of time, if none is given."""
    records = SqlTrialRecords(engine, AGES)
    return TryRule(records, PastObservations(records, FixedLists()), **{"seconds": 600, **members})


def rule_with(condition: object) -> Rule:
    """A rule with this condition that changes no decision."""
    return read_rule({**_LEAST, "condition": condition}, rule_id="tried")


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


def _filled(engine: Engine, count: int) -> Engined:
    life: list[tuple[int, Step]] = [
        (number * 3_600, ("pay", [(number, "A", "shop", 0, False)])) for number in range(count)
    ]
    return lived(engine, life)


def _tried(engine: Engine, condition: object, **members: Any) -> RuleTrial:  # noqa: ANN401 - as try_rule
    return try_rule(engine, **members).over(rule_with(condition), ALL)


def test_a_dry_run_whose_time_is_over_says_down_to_which_payment_it_looked(
    engine: Engine,
) -> None:
    """Its figures are those of the payments down to this one."""
    filled = _filled(engine, 5)
    times = iter([0.0, 0.0, 0.0, 2.0])
    everything = compare("amount_zar", "gte", "0.00")

    trial = _tried(engine, everything, seconds=1.8, at_once=2, now=lambda: next(times))

    oldest = sorted(filled.past().events(), key=lambda each: -each.order)[3]
    assert (trial.complete, trial.looked_down_to) == (False, oldest.payment.id)
    assert (trial.payments, trial.fired) == (4, 4)
    assert trial.first == oldest.payment.occurred_at


def test_a_dry_run_without_time_says_that_it_looked_at_nothing(engine: Engine) -> None:
    """It is never a silent partial answer."""
    _filled(engine, 3)
    times = iter([0.0, 2.0])

    trial = _tried(engine, compare("is_night", "exists", value=True), now=lambda: next(times),
                   seconds=1.8)  # fmt: skip

    assert (trial.complete, trial.payments, trial.looked_down_to) == (False, 0, None)


def test_the_history_of_accounts_is_not_computed_without_end(engine: Engine) -> None:
    """An account with many payments does not hold up the answer."""
    _filled(engine, 30)
    window = compare("sender.count_30d", "gte", 5)
    times = iter([0.0, 0.0, 0.0, 2.0])

    trial = _tried(engine, window, seconds=1.8, now=lambda: next(times))

    assert (trial.complete, trial.payments) == (False, 0)
    assert _tried(engine, window).fired == 26


def test_labels_give_the_precision_and_the_genuine_customers(engine: Engine) -> None:
    """By the effective labels; payments without one count for neither."""
    filled = _filled(engine, 4)
    names = [each.payment.id for each in filled.past().events()]
    filled.label(names[0], LabelSource.CHARGEBACK, Finding.FRAUD)
    filled.label(names[1], LabelSource.CUSTOMER_REPORT, Finding.GENUINE)
    filled.label(names[2], LabelSource.ANALYST, Finding.GENUINE)

    trial = _tried(engine, compare("amount_zar", "lt", "1000.00"))

    assert (trial.fired, trial.fraud, trial.genuine) == (4, 1, 2)
    assert trial.precision == pytest.approx(1 / 3)
    assert trial.customers == {"A"}
    assert trial.amount == Decimal("800.06")


def test_alerts_that_were_raised_are_not_added_again(engine: Engine) -> None:
    """Only payments without an alert are new alerts."""
    filled = Engined(engine)
    filled.now = moment(60)
    filled.pay([paid(1, "A", "shop", 0, large=True), paid(2, "B", "shop", 0, large=False)])
    alerted = {row.id for row in _alerts(filled)}

    trial = _tried(engine, compare("amount_zar", "gte", "0.00"))

    assert alerted == {each.transaction.id for each in trial.examples if each.alert}
    assert trial.not_alerted == 2 - len(alerted)


def _alerts(filled: Engined) -> list[Any]:
    return [
        past.payment
        for past, said in SqlStoredOutcomes(filled.engine)(list(filled.past().events()))
        if said.alert
    ]


def test_a_history_that_did_not_answer_then_is_unknown_now(engine: Engine) -> None:
    """The rule would not have fired: unknown is not zero."""
    filled = Engined(engine)
    decide = DecidePayments(scoring(filled.policy, SwitchedHistory(away=True)))
    filled.score = ScoreTransactions(decide, filled.ledger, filled.clock, filled.new_id)
    filled.now = moment(60)
    filled.pay([paid(1, "A", "shop", 0, large=False)])

    trial = _tried(engine, compare("sender.count_30d", "gte", 0))

    assert (trial.payments, trial.fired, trial.unknown, trial.without_facts) == (1, 0, 1, 0)


def test_a_damaged_receipt_is_counted_and_the_rule_does_not_fire(engine: Engine) -> None:
    """Its facts are not known any more; no other value takes their place."""
    filled = _filled(engine, 2)
    first = next(iter(filled.past().events())).payment.id
    window = compare("sender.count_30d", "gte", 1)

    with _damaged(engine, first):
        trial = _tried(engine, window)
        with pytest.raises(Rejected, match="the facts of the decision are not known"):
            try_rule(engine).one(rule_with(window), first)

    assert (trial.payments, trial.fired, trial.unknown, trial.without_facts) == (2, 1, 0, 1)


@contextmanager
def _damaged(engine: Engine, payment: str) -> Iterator[None]:
    """Damage the receipt of a payment within the block."""
    mine = risk_scores.c.transaction_id == payment
    with writing(engine) as connection:
        whole = connection.execute(select(risk_scores.c.receipt).where(mine)).scalar_one()
        connection.execute(update(risk_scores).where(mine).values(receipt=b"\x02damaged"))
    yield
    with writing(engine) as connection:
        connection.execute(update(risk_scores).where(mine).values(receipt=whole))


def test_two_dry_runs_at_a_time_are_refused(engine: Engine) -> None:
    """Each computes all the time, and payments are decided beside them."""
    _filled(engine, 1)
    rule = rule_with(every(compare("amount_zar", "gte", "0.00")))
    second: list[str] = []

    def now() -> float:
        try:
            use_case.over(rule, ALL)
        except Retryable as busy:
            second.append(str(busy))
        return 0.0

    use_case = try_rule(engine, now=now)

    assert use_case.over(rule, ALL).fired == 1
    assert set(second) == {"another rule is being tried: send the request again"}
