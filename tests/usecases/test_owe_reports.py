from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.report_records import SqlReportRecords
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.report_filing import StoredReport
from risksentinel.domain.transaction import Rail, Transaction
from risksentinel.errors import Conflict
from risksentinel.events import report_due
from risksentinel.ports.report_records import ReportFilter
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.scoring import SwitchedHistory
from tests.strategies import NOW
from tests.usecases.payments import paid

SOURCE = "/risksentinel/score"
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


def cash(name: str, rand: str = "50000.00") -> Transaction:
    """A payment of cash, above the threshold unless another amount is given."""
    return replace(paid(name, rand, sender=f"S{name}"), rail=Rail.CASH)


def kept(engine: Engine) -> list[StoredReport]:
    """The reports that are kept."""
    return list(SqlReportRecords(engine).reports(ReportFilter(), None, 100).items)


def announced(engine: Engine) -> list[str]:
    """The ids of the announcements of reports."""
    pending = SqlOutbox(engine).lease(100, NOW, NOW + timedelta(minutes=1))
    return [each.event.id for each in pending if each.event.topic == report_due.TOPIC]


def test_a_report_is_kept_audited_and_announced_with_its_payment(
    engine: Engine, score: ScoreTransactions
) -> None:
    """A crash in between would leave a payment whose report nobody knows of."""
    score([cash("t1"), paid("t2")], SOURCE, {"t1": TRACE})

    (report,) = kept(engine)
    pending = SqlOutbox(engine).lease(10, NOW, NOW + timedelta(minutes=1))
    (event,) = [each.event for each in pending if each.event.topic == report_due.TOPIC]
    with reading(engine) as connection:
        details = connection.scalars(select(audit_log.c.details).order_by(audit_log.c.id)).all()
    assert report.report.transaction_id == "t1"
    assert (event.id, event.key, event.traceparent) == (f"{report.id}.due", "St1", TRACE)
    assert [each["reports"] for each in details] == [["CTR"], []]


def test_a_repeated_payment_makes_no_second_report(
    engine: Engine, score: ScoreTransactions
) -> None:
    """Kafka delivers at least once, and callers repeat."""
    (first,) = score([cash("t1")], SOURCE, {})
    before = kept(engine)

    (again,) = score([cash("t1")], SOURCE, {})
    score([cash("t2"), cash("t2")], SOURCE, {})

    assert isinstance(first, StoredVerdict)
    assert isinstance(again, StoredVerdict)
    assert again == replace(first, first=False)
    assert again.scored.verdict.reports == first.scored.verdict.reports
    assert [each.report.transaction_id for each in kept(engine)] == ["t1", "t2"]
    assert kept(engine)[:1] == before


def test_racing_callers_make_one_report_of_a_payment(
    engine: Engine, score: ScoreTransactions
) -> None:
    """The claim of the payment decides."""
    batch = [cash(f"t{n}") for n in range(12)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: score(batch, SOURCE, {}), range(8)))

    reports = kept(engine)
    assert {each.report.transaction_id for each in reports} == {each.id for each in batch}
    assert len(reports) == len(batch)
    assert sorted(announced(engine)) == sorted(f"{each.id}.due" for each in reports)


def test_a_payment_that_took_anothers_id_makes_no_report(
    engine: Engine, score: ScoreTransactions
) -> None:
    """It was refused, and nothing is kept of it."""
    score([paid("t1")], SOURCE, {})

    (refused,) = score([cash("t1")], SOURCE, {})

    assert isinstance(refused, Conflict)
    assert kept(engine) == []


def test_a_report_does_not_wait_for_any_store(
    engine: Engine, score: ScoreTransactions, history: SwitchedHistory
) -> None:
    """An outage does not suspend the law."""
    history.away = True

    score([cash("t1")], SOURCE, {})

    assert [each.report.transaction_id for each in kept(engine)] == ["t1"]


def test_a_payment_that_was_taken_in_has_its_report_once_it_is_scored(
    engine: Engine, ledger: SqlLedger, score: ScoreTransactions
) -> None:
    """Most payments come through a broker."""
    with ledger.unit() as unit:
        unit.receive([cash("t1")], NOW)

    score([cash("t1")], SOURCE, {})

    assert len(kept(engine)) == 1


def test_a_payment_below_every_threshold_has_none(engine: Engine, score: ScoreTransactions) -> None:
    """A report that the law does not ask for is somebody's data given away."""
    score([cash("t1", "49999.99")], SOURCE, {})

    assert kept(engine) == []
    assert announced(engine) == []
