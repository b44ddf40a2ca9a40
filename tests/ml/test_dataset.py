from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pytest
from pyarrow import parquet

from ml.dataset import UNKNOWN, Dataset
from ml.payments_file import read_parquet
from risksentinel.domain.label import SILENCE
from risksentinel.domain.transaction import Rail
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
A_WEEK = timedelta(days=7)
PLAIN = {
    "sender": [1, 2, 1],
    "terminal_id": ["x y", "z", "z"],
    "amount": [10.5, 0.1, 300.0],
    "ts": [BEGIN, BEGIN + timedelta(days=2), BEGIN + timedelta(days=1)],
    "is_fraud": [0, None, 1],
}


def read(folder: Path, given: dict[str, str] | None = None, **columns: Any) -> Dataset:  # noqa: ANN401 - a column of any type
    """A file with these columns instead of the plain ones; one that is None is left out."""
    known = {name: values for name, values in (PLAIN | columns).items() if values is not None}
    parquet.write_table(pa.table(known), folder / "payments.parquet")
    return read_parquet(folder / "payments.parquet", given or {}, A_WEEK)


def test_payments_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    """Any order of the file is sorted; labels stay with their payments."""
    data = read(tmp_path)

    assert [payment.amount.cents for payment in data.payments] == [1_050, 30_000, 10]
    assert data.fraud.tolist() == [0, 1, UNKNOWN]
    assert (data.known_at - data.at).tolist() == [7 * 86_400] * 3


def test_the_time_of_a_label_is_read_from_the_file(tmp_path: Path) -> None:
    """The delay applies only to labels without a time."""
    known = [BEGIN + timedelta(days=3), None, BEGIN + timedelta(days=30)]

    data = read(tmp_path, known_at=known)

    assert ((data.known_at - data.at) / 86_400).tolist() == [3, 29, 7]


def test_no_label_is_known_before_its_payment(tmp_path: Path) -> None:
    """A wrong column would teach labels that were not known yet."""
    with pytest.raises(Malformed, match=r"1 labels were known before their payment, .* row 3"):
        read(tmp_path, known_at=[BEGIN, None, BEGIN])


def test_no_payment_is_judged_by_its_own_label(tmp_path: Path) -> None:
    """Also if both times are the same."""
    data = read(tmp_path, known_at=PLAIN["ts"])

    assert (data.known_at > data.at).all()


def test_labels_are_complete_until_the_last_silent_window(tmp_path: Path) -> None:
    """Later, only frauds and the payments that an analyst reviewed have labels."""
    data = read(tmp_path, label_source=["analyst", None, SILENCE])
    nothing = read(tmp_path, label_source=["analyst", None, None])

    assert data.complete_until == data.at[1]
    assert nothing.complete_until < nothing.at[0]
    assert read(tmp_path).complete_until == data.at[2]


@pytest.mark.parametrize("label", ["no", 2, -1, float("inf")])
def test_a_label_other_than_0_and_1_is_refused(tmp_path: Path, label: object) -> None:
    """A text would count as true."""
    labels = [label] * 3

    with pytest.raises(Malformed, match="3 labels are neither 0 nor 1, the first in row 1"):
        read(tmp_path, is_fraud=labels)


def test_a_label_that_is_no_number_is_unknown(tmp_path: Path) -> None:
    """Other tools write NaN for a missing label; booleans are labels too."""
    assert read(tmp_path, is_fraud=[0.0, float("nan"), 1.0]).fraud.tolist() == [0, 1, UNKNOWN]
    assert read(tmp_path, is_fraud=[False, None, True]).fraud.tolist() == [0, 1, UNKNOWN]


def test_an_unknown_channel_is_refused(tmp_path: Path) -> None:
    """The error lists the known channels."""
    with pytest.raises(Malformed, match="channels None, fax are none of mobile_banking"):
        read(tmp_path, channel=["pos", "fax", None])


@pytest.mark.parametrize("column", ["sender", "terminal_id"])
def test_a_payment_without_an_account_is_refused(tmp_path: Path, column: str) -> None:
    """All payments without a sender would have one sender in common."""
    with pytest.raises(Malformed, match="missing in row 2: remove such rows"):
        read(tmp_path, None, **{column: ["a", None, "c"]})


def test_amounts_that_are_texts_are_refused(tmp_path: Path) -> None:
    """The column is probably a wrong one."""
    with pytest.raises(Malformed, match="the amounts are not numbers"):
        read(tmp_path, amount=["R10", "R20", "R30"])


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -1.0, None, 1e300])
def test_an_invalid_amount_is_refused(tmp_path: Path, amount: float | None) -> None:
    """The error has the row and the correction."""
    with pytest.raises(Malformed, match=r"1 amounts .* row 2: remove these rows or correct"):
        read(tmp_path, amount=[1.0, amount, 2.0])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    """The error has the option to give and the columns of the file."""
    with pytest.raises(
        Malformed, match=r"no column for occurred_at: give --map occurred_at=COLUMN; has"
    ):
        read(tmp_path, ts=None)


def test_a_wrong_column_is_named(tmp_path: Path) -> None:
    """A misspelt column is not replaced by another one."""
    with pytest.raises(Malformed, match="no column payer: the file has sender"):
        read(tmp_path, {"sender_id": "payer"})


def test_text_is_no_time(tmp_path: Path) -> None:
    """The format of a date in a text is ambiguous."""
    with pytest.raises(Malformed, match="column ts has no timestamps"):
        read(tmp_path, ts=["2026-03-02"] * 3)


def test_a_file_other_than_parquet_is_refused(tmp_path: Path) -> None:
    """The file has another format or is truncated."""
    (tmp_path / "x.parquet").write_text("a,b")

    with pytest.raises(Malformed, match="not readable Parquet"):
        read_parquet(tmp_path / "x.parquet", {}, A_WEEK)


def test_no_payments_are_refused(tmp_path: Path) -> None:
    """An empty file cannot train a model."""
    with pytest.raises(Malformed, match="there are no payments"):
        read(tmp_path, **{name: pa.array([], pa.timestamp("us")) for name in PLAIN})


def test_order_details_of_a_file_are_read(tmp_path: Path) -> None:
    """A device that is no identifier becomes a digest; a missing value stays None."""
    hour = timedelta(hours=1)

    data = read(
        tmp_path,
        device_id=["d1", None, "my phone"],
        sim_swapped_at=[BEGIN - hour, None, None],
        beneficiary_added_at=[None, BEGIN, None],
    )

    first, second, third = data.payments
    assert (first.device_id, first.sim_swapped_at) == ("dd1", BEGIN - hour)
    assert second.device_id is not None
    assert len(second.device_id) == 33
    assert (third.device_id, third.beneficiary_added_at) == (None, BEGIN)


@pytest.mark.parametrize("part", ["sim_swapped_at", "beneficiary_added_at"])
def test_order_details_after_the_payment_are_refused_with_their_row(
    tmp_path: Path, part: str
) -> None:
    """A wrong column would teach labels that were not known yet."""
    late: dict[str, Any] = {part: [BEGIN, None, BEGIN + timedelta(days=2)]}

    with pytest.raises(Malformed, match=r"1 times of .* five minutes after .* row 3"):
        read(tmp_path, **late)


def test_decisions_of_a_file_are_read(tmp_path: Path) -> None:
    """A decision or its status is read; decisions stay with their payments when sorted."""
    data = read(tmp_path, decision=["review", "declined", None])

    assert data.decisions == [Decision.REVIEW, None, Decision.DECLINE]


def test_rail_and_country_of_a_file_are_read(tmp_path: Path) -> None:
    """Rules on cash and on cross-border payments need them."""
    data = read(tmp_path, rail=["cash", None, "eft"], receiver_country=["ZA", "NA", None])

    assert [one.rail for one in data.payments] == [Rail.CASH, Rail.EFT, None]
    assert [one.receiver_country for one in data.payments] == ["ZA", None, "NA"]


@pytest.mark.parametrize("part", ["channel", "rail", "decision"])
def test_an_unknown_category_is_refused_with_the_known_ones(tmp_path: Path, part: str) -> None:
    """A guessed category would teach a wrong value."""
    with pytest.raises(Malformed, match=f"{part}s pigeon are none of .*"):
        read(tmp_path, None, **{part: ["pigeon"] * 3})
