"""What a dry run counts: labels, customers, new alerts, and payments whose facts are not known."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.domain.label import Finding, LabelSource
from risksentinel.errors import Rejected
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.backtest.filled import Engined, moment, scoring
from tests.backtest.test_as_stored import paid
from tests.fakes.scoring import SwitchedHistory
from tests.rules.conditions import compare
from tests.usecases.trial_bench import paid_hourly, rule_with, tried, try_rule


def test_labels_give_the_precision_and_the_genuine_customers(engine: Engine) -> None:
    """By the effective labels; payments without one count for neither."""
    filled = paid_hourly(engine, 4)
    names = [each.payment.id for each in filled.past().events()]
    filled.label(names[0], LabelSource.CHARGEBACK, Finding.FRAUD)
    filled.label(names[1], LabelSource.CUSTOMER_REPORT, Finding.GENUINE)
    filled.label(names[2], LabelSource.ANALYST, Finding.GENUINE)

    trial = tried(engine, compare("amount_zar", "lt", "1000.00"))

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

    trial = tried(engine, compare("amount_zar", "gte", "0.00"))

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

    trial = tried(engine, compare("sender.count_30d", "gte", 0))

    assert (trial.payments, trial.fired, trial.unknown, trial.without_facts) == (1, 0, 1, 0)


def test_a_damaged_receipt_is_counted_and_the_rule_does_not_fire(engine: Engine) -> None:
    """Its facts are not known any more; no other value takes their place."""
    filled = paid_hourly(engine, 2)
    first = next(iter(filled.past().events())).payment.id
    window = compare("sender.count_30d", "gte", 1)

    with _damaged(engine, first):
        trial = tried(engine, window)
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
