from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.domain.label import (
    CHARGEBACK_WINDOW,
    Finding,
    Label,
    Labelled,
    LabelSource,
    Report,
    Reviewed,
)
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import NotFound
from risksentinel.events import transaction_labelled
from risksentinel.usecases.remember_labels import RememberLabels
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.write_label import WriteLabel
from tests.strategies import NOW
from tests.usecases.payments import paid

LATER = NOW + timedelta(days=1)
CHARGEBACK = Report("p-1", LabelSource.CHARGEBACK, Finding.FRAUD, NOW + timedelta(hours=1))
Keep = Callable[[Sequence[Transaction]], object]


@pytest.fixture
def keep(score: ScoreTransactions) -> Keep:
    """Scores payments, so that they are kept."""
    return lambda batch: score(batch, "/s", {})


@pytest.fixture
def write(ledger: SqlLedger) -> WriteLabel:
    """The use case, a day later."""
    return WriteLabel(ledger, lambda: LATER, lambda: None, "/risksentinel/ingest")


@pytest.fixture
def records(ledger: SqlLedger) -> SqlLabelRecords:
    """What was written."""
    return SqlLabelRecords(ledger.engine, CHARGEBACK_WINDOW)


def written(records: SqlLabelRecords) -> list[Label]:
    """Every label."""
    return list(records.written(NOW, LATER + timedelta(days=999)))


def test_a_label_its_audit_entry_and_its_announcement_are_one_commit(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """What training reads, the audit can explain, and the history hears of."""
    keep([paid("p-1")])

    label = write(CHARGEBACK, "visa").new

    assert label is not None
    assert written(records) == [label]
    assert label.occurred_at == paid("p-1").occurred_at
    with reading(records.engine) as connection:
        audit = connection.execute(
            select(audit_log).where(audit_log.c.action == "transaction.labelled")
        ).one()
        event = connection.execute(
            select(outbox).where(outbox.c.topic == transaction_labelled.TOPIC)
        ).one()
    assert (audit.actor, audit.subject_id, audit.details["finding"]) == ("visa", "p-1", "fraud")
    assert event.key == "A"
    announced = transaction_labelled.decode(event.event["data"])
    assert announced == Labelled(paid("p-1"), label, None, Finding.FRAUD)


def test_the_same_label_again_changes_nothing(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """A redelivery must not look like a second opinion."""
    keep([paid("p-1")])
    first = write(CHARGEBACK, "visa")

    again = write(CHARGEBACK, "visa")

    assert again.new is None
    assert again.reviewed == first.reviewed
    assert len(written(records)) == 1


def test_a_contrary_label_supersedes_and_the_old_one_is_kept(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """A representment that the merchant won turns a chargeback round."""
    keep([paid("p-1")])
    write(CHARGEBACK, "visa")
    won = Report("p-1", LabelSource.CHARGEBACK, Finding.GENUINE, LATER)

    now = write(won, "visa").reviewed

    assert now.standing is not None
    assert now.standing.finding is Finding.GENUINE
    assert [(label.version, label.finding) for label in written(records)] == [
        (1, Finding.FRAUD),
        (2, Finding.GENUINE),
    ]


def test_a_payment_that_is_not_kept_is_not_found(write: WriteLabel) -> None:
    """A label of nothing teaches nothing."""
    with pytest.raises(NotFound):
        write(CHARGEBACK, "visa")


def test_of_many_who_write_at_once_each_counts_on_the_last(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """Two versions of one number would be two truths."""
    keep([paid("p-1")])
    findings = [Finding.FRAUD, Finding.GENUINE] * 8

    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda finding: write(Report("p-1", LabelSource.ANALYST, finding), "thandi"),
                findings,
            )
        )

    versions = sorted(label.version for label in written(records))
    assert versions == [*range(1, len(versions) + 1)]


def test_outcomes_are_what_was_known_as_of_a_moment(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """A model that learns from what came later promises what it cannot keep."""
    keep([paid("p-1"), paid("p-2")])
    write(CHARGEBACK, "visa")

    def known(as_of: timedelta) -> list[tuple[str, bool | None]]:
        outcomes = records.outcomes(NOW, NOW + as_of)
        return [
            (each.remembered.transaction.id, None if each.known is None else each.known.fraud)
            for each in outcomes
        ]

    assert known(timedelta(days=1)) == [("p-1", None), ("p-2", None)]
    assert known(timedelta(days=2)) == [("p-1", True), ("p-2", None)]
    assert known(timedelta(days=200)) == [("p-1", True), ("p-2", False)]


def test_a_history_hears_only_of_what_changes_a_payment_s_standing(
    keep: Keep, write: WriteLabel
) -> None:
    """An analyst's word after a chargeback would count the fraud twice."""
    keep([paid("p-1")])
    heard: list[Labelled] = []

    class Memory:
        def label(self, batch: Sequence[Labelled]) -> None:
            heard.extend(batch)

    before = write(CHARGEBACK, "visa").reviewed
    analyst = write(Report("p-1", LabelSource.ANALYST, Finding.FRAUD), "thandi").new
    assert analyst is not None

    RememberLabels(Memory())([before.labelled(analyst)])

    assert heard == []


def test_a_history_that_is_made_anew_hears_what_it_heard_before(
    keep: Keep, write: WriteLabel, records: SqlLabelRecords
) -> None:
    """A restart must not forget who was a fraudster."""
    keep([paid("p-1"), paid("p-2")])
    heard = []
    for report in (
        Report("p-1", LabelSource.ANALYST, Finding.GENUINE),
        CHARGEBACK,
        Report("p-2", LabelSource.ANALYST, Finding.FRAUD),
    ):
        written = write(report, "thandi")
        assert written.new is not None
        before = Reviewed(
            written.reviewed.transaction,
            tuple(said for said in written.reviewed.said if said != written.new),
        )
        heard.append(before.labelled(written.new))

    again = list(records.labelled(NOW, LATER + timedelta(days=1)))

    assert sorted(again, key=_reference) == sorted(heard, key=_reference)


def _reference(labelled: Labelled) -> str:
    return labelled.label.reference
