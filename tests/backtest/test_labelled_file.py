"""Tests of a file of payments with labels."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.backtest.file_events import FileEvents
from risksentinel.backtest.labelled_file import LabelledFile, NotInOrder
from risksentinel.errors import Misconfigured, Rejected
from risksentinel.payment_files.options import ImportOptions
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DELAY = timedelta(days=7)
HEAD = ("id", "sender_id", "receiver_id", "amount_zar", "occurred_at", "is_fraud")
Row = tuple[str, str, str, str, str, str]


def row(number: int, hour: int, label: str) -> Row:
    """A payment of that hour."""
    at = (BEGIN + timedelta(hours=hour)).isoformat()
    return f"p{number}", f"s{number % 3}", "shop", "10.00", at, label


def file_of(folder: Path, rows: Sequence[Row]) -> LabelledFile:
    """A CSV file with these rows."""
    path = folder / "payments.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return LabelledFile.of(ImportOptions(file=path, columns={}, constants={}), DELAY)


def events(found: LabelledFile) -> list[PastEvent]:
    """All events, sorted where that is needed."""
    try:
        return list(found.events(lambda _: None))
    except NotInOrder:
        return list(found.events(lambda _: None, in_order=False))


rows = st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["0", "1", ""])), max_size=20)


@settings(max_examples=50)
@given(rows)
def test_labels_are_known_after_their_delay(drawn: list[tuple[int, str]]) -> None:
    """Never before: a policy would learn what was not known."""
    with TemporaryDirectory() as folder:
        found = events(
            file_of(Path(folder), [row(n, hour, label) for n, (hour, label) in enumerate(drawn)])
        )

    payments = [each for each in found if isinstance(each, PastPayment)]
    hours = sorted(hour for hour, _ in drawn)
    assert [each.at for each in payments] == [BEGIN + timedelta(hours=hour) for hour in hours]
    assert [each.order for each in found] == list(range(len(found)))
    by_order = {each.order: each for each in payments}
    for label in (each for each in found if isinstance(each, PastLabel)):
        of = by_order[label.of]
        assert label.payment == of.payment
        assert label.known_at == of.at + DELAY
        assert (label.fraud, label.only_clears) == (of.fraud, of.fraud is False)
        assert all(each.at < label.known_at for each in payments if each.order < label.order)
        assert all(each.at >= label.known_at for each in payments if each.order > label.order)
    last = max((each.at for each in payments), default=BEGIN)
    known = [each for each in payments if each.fraud is not None and each.at + DELAY <= last]
    of_labels = {each.of for each in found if isinstance(each, PastLabel)}
    assert of_labels == {each.order for each in known}


def test_what_is_no_payment_is_left_out_and_counted(tmp_path: Path) -> None:
    """A repeated id, a label that is neither 0 nor 1, and an amount that is none."""
    wrong = ("p9", "a", "b", "ten", BEGIN.isoformat(), "0")
    found = file_of(tmp_path, [row(1, 1, "0"), row(1, 2, "0"), row(2, 3, "perhaps"), wrong])

    assert [each.payment.id for each in events(found)] == ["p1"]
    assert found.refused == 3


def test_a_file_without_labels_has_unknown_ones(tmp_path: Path) -> None:
    """Unknown is not genuine."""
    path = tmp_path / "payments.csv"
    path.write_text("sender_id,receiver_id,amount_zar,occurred_at\na,b,1.00,2026-01-01T00:00:00Z\n")
    found = LabelledFile.of(ImportOptions(file=path, columns={}, constants={}), DELAY)

    (payment,) = events(found)

    assert isinstance(payment, PastPayment)
    assert payment.fraud is None


def test_a_label_that_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    """The error names the option."""
    path = tmp_path / "payments.csv"
    path.write_text("sender_id,receiver_id,amount_zar,occurred_at,label,chargeback\n")
    options = ImportOptions(file=path, columns={}, constants={})

    with pytest.raises(Misconfigured, match="label, chargeback: give --label"):
        LabelledFile.of(options, DELAY)
    with pytest.raises(Misconfigured, match=r"--label fraude: .* has no such column"):
        LabelledFile.of(options, DELAY, "fraude")
    assert LabelledFile.of(options, DELAY, "chargeback").fraud == "chargeback"


def test_stored_events_are_those_of_the_file(tmp_path: Path) -> None:
    """Both policies read them, and a resumed run reads them again."""
    found = file_of(tmp_path, [row(n, n * 20, "01"[n % 2]) for n in range(30)])
    stored = FileEvents(tmp_path / "events")

    with pytest.raises(Rejected, match="is not complete"):
        next(stored.events())
    assert stored.write(found.events(lambda _: None)) == 30

    assert list(stored.events()) == events(found)
    assert stored.count() == 30
