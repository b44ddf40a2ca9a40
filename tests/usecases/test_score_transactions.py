from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, func, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.tables import alerts, audit_log, outbox, risk_scores, transactions
from risksentinel.domain.moments import rfc3339
from risksentinel.domain.signal import Reading
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Conflict
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedModel, SwitchedHistory
from tests.strategies import NOW
from tests.usecases.payments import RISKY, paid

SOURCE = "/risksentinel/score"


def _counts(engine: Engine) -> dict[str, int]:
    tables = (transactions, risk_scores, alerts, audit_log, outbox)
    with reading(engine) as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }


def test_a_risky_payment_leaves_all_it_must_in_one_commit(
    engine: Engine, score: ScoreTransactions
) -> None:
    """Transaction, score, alert, audit entry and announcements stand or fall together."""
    (answer,) = score(
        [paid("t1", RISKY)], SOURCE, {"t1": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
    )

    assert isinstance(answer, StoredVerdict)
    assert answer.created
    assert answer.alert_id
    assert _counts(engine) == {
        "transactions": 1,
        "risk_scores": 1,
        "alerts": 1,
        "audit_log": 1,
        "outbox": 2,
    }
    pending = SqlOutbox(engine).lease(10, NOW, NOW + timedelta(minutes=1))
    assert [waiting.event.type for waiting in pending] == [
        transaction_scored.TYPE,
        alert_raised.TYPE,
    ]
    assert {waiting.event.traceparent for waiting in pending} == {
        "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    }
    assert {waiting.event.subject for waiting in pending} == {"t1"}
    assert {waiting.event.key for waiting in pending} == {"A"}


def test_the_same_payment_again_changes_nothing_and_gets_the_first_answer(
    engine: Engine, score: ScoreTransactions
) -> None:
    """Kafka delivers at least once, and callers repeat."""
    (first,) = score([paid("t1", RISKY)], SOURCE, {})
    before = _counts(engine)

    (second,) = score([paid("t1", RISKY)], SOURCE, {})

    assert isinstance(first, StoredVerdict)
    assert isinstance(second, StoredVerdict)
    assert second == replace(first, created=False)
    assert _counts(engine) == before


def test_a_batch_with_a_repetition_scores_it_once(engine: Engine, score: ScoreTransactions) -> None:
    """A broker's batch may hold the same record twice."""
    first, other, again = score([paid("t1"), paid("t2"), paid("t1")], SOURCE, {})

    assert [a.created for a in (first, other, again) if isinstance(a, StoredVerdict)] == [
        True,
        True,
        False,
    ]
    assert _counts(engine)["risk_scores"] == 2


def test_an_id_of_another_payment_is_a_conflict_and_keeps_the_first(
    engine: Engine, score: ScoreTransactions
) -> None:
    """To answer with another payment's verdict would approve what nobody scored."""
    score([paid("t1")], SOURCE, {})

    (answer, within) = score([paid("t1", RISKY), paid("t2")], SOURCE, {})
    (_, same_batch) = score([paid("t3"), paid("t3", RISKY)], SOURCE, {})

    assert isinstance(answer, Conflict)
    assert isinstance(same_batch, Conflict)
    assert isinstance(within, StoredVerdict)
    assert _counts(engine)["risk_scores"] == 3
    assert _counts(engine)["alerts"] == 0


def test_racing_callers_get_one_verdict(engine: Engine, score: ScoreTransactions) -> None:
    """The primary key decides, not the order in which somebody looked."""
    batch = [paid(f"t{n}", RISKY, sender=f"S{n}") for n in range(20)]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: score(batch, SOURCE, {}), range(8)))

    alert_ids = [[a.alert_id for a in run if isinstance(a, StoredVerdict)] for run in answers]
    firsts = [a for run in answers for a in run if isinstance(a, StoredVerdict) and a.created]
    assert all(ids == alert_ids[0] for ids in alert_ids)
    assert len(firsts) == len(batch)
    assert _counts(engine) == {
        "transactions": 20,
        "risk_scores": 20,
        "alerts": 20,
        "audit_log": 20,
        "outbox": 40,
    }


def test_a_silent_history_is_counted_and_never_approves_blindly(
    score: ScoreTransactions, history: SwitchedHistory, meter: RememberingMeter
) -> None:
    """A fraudster must not gain by taking the store down."""
    history.away = True

    (answer,) = score([paid("t1")], SOURCE, {})

    assert isinstance(answer, StoredVerdict)
    assert answer.scored.verdict.risk_level is not RiskLevel.LOW
    assert meter.silences == {"rules": 1, "velocity": 1, "anomaly": 1, "ml": 1}


def test_what_was_counted_is_what_was_kept(
    score: ScoreTransactions, meter: RememberingMeter
) -> None:
    """A repetition is no decision."""
    score([paid("t1"), paid("t1")], SOURCE, {})
    score([paid("t1")], SOURCE, {})

    assert meter.decisions == {"approve": 1}


def test_a_waiting_payment_is_scored_as_it_was_taken_in(
    ledger: SqlLedger, score: ScoreTransactions
) -> None:
    """A repetition that gives no time is dated anew; the payment was made when it was made."""
    taken_in = paid("t1")
    with ledger.unit() as unit:
        unit.receive([taken_in], NOW)

    (answer,) = score([replace(taken_in, occurred_at=NOW)], SOURCE, {})

    assert isinstance(answer, StoredVerdict)
    assert answer.scored.transaction == taken_in
    stated_at = answer.scored.verdict.explanation["input"]["occurred_at"]
    assert stated_at == rfc3339(taken_in.occurred_at)


def test_the_model_is_asked_once_for_all_of_a_batch(
    score: ScoreTransactions, model: FixedModel
) -> None:
    """One run for five hundred payments takes what ten runs take."""
    model.opinion = Reading(1.0, ("never seen before",), {"model": {"version": "v1"}})

    others = replace(paid("p-2"), sender_id="another", receiver_id="other")
    first, second = score([paid("p-1"), others], SOURCE, {})

    assert [len(asked) for asked in model.asked] == [2]
    assert isinstance(first, StoredVerdict)
    assert isinstance(second, StoredVerdict)
    signals = first.scored.verdict.explanation["signals"]
    assert (signals["ml"]["status"], signals["ml"]["score"]) == ("ok", 1.0)
    assert first.scored.verdict.explanation["model"] == {"version": "v1"}


def test_a_model_without_weight_is_not_asked(score: ScoreTransactions, model: FixedModel) -> None:
    """What ML_ENABLED=false switches off costs nothing."""
    scoring = score.decide.scoring
    policy = replace(scoring.policy, ml_weight=0.0)
    without = replace(score, decide=DecidePayments(replace(scoring, policy=policy)))

    without([paid("p-1")], SOURCE, {})

    assert model.asked == []


def test_imported_history_is_recorded_and_raises_nothing(
    engine: Engine, score: ScoreTransactions, meter: RememberingMeter
) -> None:
    """Last year's frauds would page the desk tonight, and receipts would look like new ones."""
    (answer,) = score([paid("t1", RISKY)], SOURCE, {}, learn_only=True)

    assert isinstance(answer, StoredVerdict)
    assert answer.alert_id is None
    assert answer.scored.verdict.explanation["learn_only"] is True
    assert _counts(engine) == {
        "transactions": 1,
        "risk_scores": 1,
        "alerts": 0,
        "audit_log": 1,
        "outbox": 0,
    }
    with reading(engine) as connection:
        assert connection.execute(select(audit_log.c.details)).scalar_one()["learn_only"] is True
    assert not meter.decisions


def test_a_payment_that_waits_for_its_score_is_no_history(
    engine: Engine, score: ScoreTransactions
) -> None:
    """A file that has a payment of this minute must not silence the alert of that payment."""
    with SqlLedger(engine).unit() as unit:
        unit.receive([paid("t1", RISKY)], NOW)

    (answer,) = score([paid("t1", RISKY)], SOURCE, {}, learn_only=True)

    assert isinstance(answer, StoredVerdict)
    assert answer.alert_id is not None
