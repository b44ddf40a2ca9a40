"""What the history and training read of labels."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from risksentinel.adapters.sql.label_records import SqlLabelRecords
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.system_clock import new_id
from risksentinel.domain.label import CHARGEBACK_WINDOW, Finding, LabelSource, Report
from risksentinel.domain.reviewed import Labelled, Reviewed
from risksentinel.usecases.write_label import WriteLabel
from tests.adapters.sql.samples import NOW, payment, scored

LATER = NOW + timedelta(days=1)
CHARGEBACK = Report("p-1", LabelSource.CHARGEBACK, Finding.FRAUD, NOW + timedelta(hours=1))


@pytest.fixture
def records(engine: Engine) -> SqlLabelRecords:
    """The labels of two scored payments."""
    with SqlLedger(engine).unit() as unit:
        unit.keep([scored(payment("p-1")), scored(payment("p-2"))])
    return SqlLabelRecords(engine, CHARGEBACK_WINDOW)


@pytest.fixture
def write(engine: Engine) -> WriteLabel:
    """The use case, a day later."""
    return WriteLabel(SqlLedger(engine), lambda: LATER, "/risksentinel/ingest", new_id)


def test_labels_are_read_in_the_order_of_writing(
    records: SqlLabelRecords, write: WriteLabel
) -> None:
    """Training as of a moment learns only what was known then, superseded labels too."""
    first = write(CHARGEBACK, "visa").new
    won = write(Report("p-1", LabelSource.CHARGEBACK, Finding.GENUINE, LATER), "visa").new

    assert list(records.written(NOW, LATER + timedelta(days=999))) == [first, won]
    assert list(records.written(NOW, LATER)) == []


def test_outcomes_are_those_known_as_of_a_moment(
    records: SqlLabelRecords, write: WriteLabel
) -> None:
    """A model that learns from later labels looks better in evaluation than in use."""
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


def test_a_rebuilt_history_reads_the_labels_that_were_published(
    records: SqlLabelRecords, write: WriteLabel
) -> None:
    """A restart must not lose which accounts were fraudulent."""
    heard: list[Labelled] = []
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
