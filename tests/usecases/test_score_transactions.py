from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from risksentinel.domain.signal import Reading
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Conflict
from risksentinel.events import alert_raised, transaction_scored
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.text import rfc3339
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedModel, FixedRules, SwitchedHistory
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import RISKY, paid

SOURCE = "/risksentinel/score"


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of rows that a test left."""

    scored: int
    alerts: int
    audited: int
    events: int


def counts(store: Store, ids: Iterable[str]) -> Counts:
    """Count the stored rows; verdicts of these payments only."""
    known = store.ledger.known(list(ids))
    return Counts(
        scored=sum(each.verdict is not None for each in known.values()),
        alerts=len(store.alerts()),
        audited=len(store.audit()),
        events=store.outbox.depth(),
    )


def test_a_risky_payment_leaves_all_it_must_in_one_commit(
    memory: Store, score: ScoreTransactions
) -> None:
    """Payment, score, alert, audit entry and outbox events are stored together or not at all."""
    (answer,) = score(
        [paid("t1", RISKY)], SOURCE, {"t1": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
    )

    assert isinstance(answer, StoredVerdict)
    assert answer.created
    assert answer.alert_id
    assert counts(memory, ["t1"]) == Counts(scored=1, alerts=1, audited=1, events=2)
    pending = memory.outbox.lease(10, NOW, NOW + timedelta(minutes=1))
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
    memory: Store, score: ScoreTransactions
) -> None:
    """Kafka delivers at least once, and clients repeat."""
    (first,) = score([paid("t1", RISKY)], SOURCE, {})
    before = counts(memory, ["t1"])

    (second,) = score([paid("t1", RISKY)], SOURCE, {})

    assert isinstance(first, StoredVerdict)
    assert isinstance(second, StoredVerdict)
    assert second == replace(first, created=False)
    assert counts(memory, ["t1"]) == before


def test_a_batch_with_a_repetition_scores_it_once(memory: Store, score: ScoreTransactions) -> None:
    """A broker's batch may hold the same record twice."""
    first, other, again = score([paid("t1"), paid("t2"), paid("t1")], SOURCE, {})

    assert [a.created for a in (first, other, again) if isinstance(a, StoredVerdict)] == [
        True,
        True,
        False,
    ]
    assert counts(memory, ["t1", "t2"]).scored == 2


def test_an_id_of_another_payment_is_a_conflict_and_keeps_the_first(
    memory: Store, score: ScoreTransactions
) -> None:
    """Another payment's verdict would approve a payment that was not scored."""
    score([paid("t1")], SOURCE, {})

    (answer, within) = score([paid("t1", RISKY), paid("t2")], SOURCE, {})
    (_, same_batch) = score([paid("t3"), paid("t3", RISKY)], SOURCE, {})

    assert isinstance(answer, Conflict)
    assert isinstance(same_batch, Conflict)
    assert isinstance(within, StoredVerdict)
    assert counts(memory, ["t1", "t2", "t3"]) == Counts(scored=3, alerts=0, audited=3, events=3)


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
    ledger: Ledger, score: ScoreTransactions
) -> None:
    """A repetition without a time is dated later; the stored time must count."""
    taken_in = paid("t1")
    with ledger.unit() as unit:
        unit.receive([taken_in], NOW)

    (answer,) = score([replace(taken_in, occurred_at=NOW)], SOURCE, {})

    assert isinstance(answer, StoredVerdict)
    assert answer.scored.transaction == taken_in
    stated_at = answer.scored.verdict.explanation["input"]["occurred_at"]
    assert stated_at == rfc3339.to_text(taken_in.occurred_at)


def test_the_model_is_asked_once_for_all_of_a_batch(
    score: ScoreTransactions, model: FixedModel
) -> None:
    """One run for five hundred payments takes as long as ten single runs."""
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
    rules = FixedRules(policy=replace(scoring.policy, ml_weight=0.0))
    without = replace(score, decide=DecidePayments(replace(scoring, rules=rules)))

    without([paid("p-1")], SOURCE, {})

    assert model.asked == []


def test_imported_history_is_recorded_and_raises_nothing(
    memory: Store, score: ScoreTransactions, meter: RememberingMeter
) -> None:
    """Last year's frauds must not page the desk today, nor look like new payments."""
    (answer,) = score([paid("t1", RISKY)], SOURCE, {}, learn_only=True)

    assert isinstance(answer, StoredVerdict)
    assert answer.alert_id is None
    assert answer.scored.verdict.explanation["learn_only"] is True
    assert counts(memory, ["t1"]) == Counts(scored=1, alerts=0, audited=1, events=0)
    (entry,) = memory.audit()
    assert entry.details["learn_only"] is True
    assert not meter.decisions


def test_a_payment_that_waits_for_its_score_is_no_history(
    ledger: Ledger, score: ScoreTransactions
) -> None:
    """A file that has a payment of this minute must not silence the alert of that payment."""
    with ledger.unit() as unit:
        unit.receive([paid("t1", RISKY)], NOW)

    (answer,) = score([paid("t1", RISKY)], SOURCE, {}, learn_only=True)

    assert isinstance(answer, StoredVerdict)
    assert answer.alert_id is not None
