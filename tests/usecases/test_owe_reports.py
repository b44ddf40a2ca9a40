from dataclasses import replace
from datetime import timedelta

from risksentinel.domain.transaction import Rail, Transaction
from risksentinel.errors import Conflict
from risksentinel.events import report_due
from risksentinel.ports.ledger import Ledger
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.scoring import SwitchedHistory
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import paid

SOURCE = "/risksentinel/score"
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


def cash(name: str, rand: str = "50000.00") -> Transaction:
    """A payment of cash, above the threshold unless another amount is given."""
    return replace(paid(name, rand, sender=f"S{name}"), rail=Rail.CASH)


def published(store: Store) -> list[str]:
    """The ids of the outbox events of reports."""
    pending = store.outbox.lease(100, NOW, NOW + timedelta(minutes=1))
    return [each.event.id for each in pending if each.event.topic == report_due.TOPIC]


def test_a_report_is_stored_audited_and_published_with_its_payment(
    memory: Store, score: ScoreTransactions
) -> None:
    """A crash in between must not leave a payment without its report."""
    score([cash("t1"), paid("t2")], SOURCE, {"t1": TRACE})

    (report,) = memory.reports()
    pending = memory.outbox.lease(10, NOW, NOW + timedelta(minutes=1))
    (event,) = [each.event for each in pending if each.event.topic == report_due.TOPIC]
    assert report.report.transaction_id == "t1"
    assert (event.id, event.key, event.traceparent) == (f"{report.id}.due", "St1", TRACE)
    assert [each.details["reports"] for each in memory.audit()] == [["CTR"], []]


def test_a_repeated_payment_makes_no_second_report(memory: Store, score: ScoreTransactions) -> None:
    """Kafka delivers at least once, and callers repeat."""
    (first,) = score([cash("t1")], SOURCE, {})
    before = memory.reports()

    (again,) = score([cash("t1")], SOURCE, {})
    score([cash("t2"), cash("t2")], SOURCE, {})

    assert isinstance(first, StoredVerdict)
    assert isinstance(again, StoredVerdict)
    assert again == replace(first, created=False)
    assert again.scored.verdict.reports == first.scored.verdict.reports
    assert [each.report.transaction_id for each in memory.reports()] == ["t1", "t2"]
    assert memory.reports()[:1] == before


def test_a_payment_that_took_anothers_id_makes_no_report(
    memory: Store, score: ScoreTransactions
) -> None:
    """The payment was refused, and nothing of it is stored."""
    score([paid("t1")], SOURCE, {})

    (refused,) = score([cash("t1")], SOURCE, {})

    assert isinstance(refused, Conflict)
    assert memory.reports() == []


def test_a_report_does_not_wait_for_any_store(
    memory: Store, score: ScoreTransactions, history: SwitchedHistory
) -> None:
    """An outage does not suspend the law."""
    history.away = True

    score([cash("t1")], SOURCE, {})

    assert [each.report.transaction_id for each in memory.reports()] == ["t1"]


def test_a_payment_that_was_taken_in_has_its_report_once_it_is_scored(
    memory: Store, ledger: Ledger, score: ScoreTransactions
) -> None:
    """Most payments come through a broker."""
    with ledger.unit() as unit:
        unit.receive([cash("t1")], NOW)

    score([cash("t1")], SOURCE, {})

    assert len(memory.reports()) == 1


def test_a_payment_below_every_threshold_has_none(memory: Store, score: ScoreTransactions) -> None:
    """A report that the law does not require would disclose personal data."""
    score([cash("t1", "49999.99")], SOURCE, {})

    assert memory.reports() == []
    assert published(memory) == []
