import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # the same
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from risksentinel.errors import Misconfigured
from risksentinel.payment_files import lines
from risksentinel.payment_files.formats import FORMATS, format_of
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.payment import FilePayment, PaymentReader, RefusedRow
from risksentinel.payment_files.row import BrokenRow, Row, UnreadableCell
from risksentinel.payment_files.sources import find_sources

HEADER = "sender_id,receiver_id,amount_zar,occurred_at,channel\n"
GOOD_CSV = b"S1,R1,10.00,2026-05-01T08:30:00Z,atm\n"
GOOD_JSON = (
    b'{"id":"T1","sender_id":"S1","receiver_id":"R1","amount_zar":10.10,'
    b'"occurred_at":"2026-05-01T08:30:00Z","channel":"atm"}\n'
)
pieces = st.sampled_from([GOOD_CSV, GOOD_JSON, b",,,,\n", b'"', b"\xff\n", b"\0\n", b"[" * 2000])
noise = st.lists(st.one_of(st.binary(max_size=30), pieces), max_size=12).map(b"".join)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path) -> list[FilePayment | RefusedRow]:
    """The payments and refused rows of the file."""
    form, given = format_of(path, None), {"maps": (), "sets": (), "timezone": None, "file": path}
    options = ImportOptions.of(given)
    sources = find_sources(form.columns(path), options)
    reader = PaymentReader.of(sources, options)
    return [reader.read(row) for row in form.rows(path, frozenset(sources.columns.values()))]


@quick
@given(noise)
@example(b'{"amount_zar":' + b"9" * 5000 + b"}\n")
@example(b'{"amount_zar":1e99999999999999999999}\n')
@example(b'{"id":"\\ud800"}\n')
def test_any_line_of_json_is_a_payment_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    """A file may contain any line, and its valid lines still count."""
    path = tmp_path / "noise.jsonl"
    path.write_bytes(GOOD_JSON + content)

    outcomes = read(path)

    filled = [line for line in (GOOD_JSON + content).split(b"\n") if line.strip()]
    assert len(outcomes) == len(filled)
    assert isinstance(outcomes[0], FilePayment)
    assert all(outcome.violations for outcome in outcomes if isinstance(outcome, RefusedRow))


@quick
@given(noise)
@example(b'S1,"R1\n,10.00\n')
@example(b"a\rb,,,,\n")
def test_any_line_of_csv_is_a_payment_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    """A missing quote must not consume the rest of the file."""
    path = tmp_path / "noise.csv"
    path.write_bytes(HEADER.encode() + content + b"\n" + GOOD_CSV)

    outcomes = read(path)

    filled = [line for line in (content + b"\n" + GOOD_CSV).split(b"\n") if line.strip()]
    assert len(outcomes) == len(filled)
    assert isinstance(outcomes[-1], FilePayment)


def test_a_broken_line_has_its_place_and_reason(tmp_path: Path) -> None:
    """The operator finds the line in an editor."""
    path = tmp_path / "broken.jsonl"
    content = (b"{", b"", b'"text"', b"\xff", b"a\0", b'{"a":1,"a":2}', b'{"a":NaN}', b"[" * 10**5)
    path.write_bytes(b"\n".join(content))

    rows = list(FORMATS["jsonl"].rows(path, ()))

    assert [(row.number, row.place) for row in rows][:2] == [(1, 1), (2, 3)]
    assert [row.reason for row in rows if isinstance(row, BrokenRow)] == [
        "the line is not valid JSON",
        "the line is not a JSON object",
        "the line is not valid UTF-8",
        "the line contains a NUL character",
        "the line has a key twice",
        "the line has NaN, which is not a number in JSON",
        "the line is not valid JSON",
    ]


def test_a_line_above_a_mebibyte_is_refused(tmp_path: Path) -> None:
    """Memory stays bounded, and the next line is read as usual."""
    path = tmp_path / "long.jsonl"
    longest = b'{"a":"%s"}' % (b"x" * (lines.MAX_LINE_BYTES - 8))
    path.write_bytes(longest + b"\n" + longest + b" \n" + b"x" * (5 << 20) + b"\n" + GOOD_JSON)

    whole, broken, huge, good = FORMATS["jsonl"].rows(path, ())

    assert isinstance(whole, Row)
    assert isinstance(broken, BrokenRow)
    assert isinstance(huge, BrokenRow)
    assert huge.reason == "the line is longer than 1 MiB"
    assert len(huge.text) < 5000
    assert isinstance(good, Row)
    assert good.place == 4


def test_json_numbers_keep_every_digit(tmp_path: Path) -> None:
    """0.1 must stay exactly 0.1."""
    path = tmp_path / "one.jsonl"
    path.write_bytes(GOOD_JSON)

    (row,) = FORMATS["jsonl"].rows(path, ())

    assert isinstance(row, Row)
    assert row.cells["amount_zar"] == Decimal("10.10")


def test_a_spreadsheets_csv_is_read(tmp_path: Path) -> None:
    """South African spreadsheets write a byte-order mark, semicolons and CRLF."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(b'\xef\xbb\xbfPayer;Note\r\nS1;"a;b"\r\n\r\nS2;c;d\r\n')

    names, rows = FORMATS["csv"].columns(path), list(FORMATS["csv"].rows(path, ()))

    assert names == ["Payer", "Note"]
    assert rows[0] == Row(1, 2, {"Payer": "S1", "Note": "a;b"})
    assert rows[1] == BrokenRow(2, 4, "the line has 3 cells, the header has 2", "S2;c;d")


@pytest.mark.parametrize("content", [b"", b"\n\n", b"a,a\n1,2\n", b"\xff,b\n", b",\n", b'"a\n'])
def test_a_csv_without_a_usable_header_is_an_error(tmp_path: Path, content: bytes) -> None:
    """Without column names no row can be read."""
    path = tmp_path / "headless.csv"
    path.write_bytes(content)

    with pytest.raises(Misconfigured):
        FORMATS["csv"].columns(path)


def test_parquet_cells_are_exact_or_unreadable(tmp_path: Path) -> None:
    """Half precision, nanoseconds, zones and invalid bytes occur in Parquet files."""
    path = tmp_path / "types.parquet"
    moment = 1777624200 * 10**9 + 1
    columns = {
        "small": pa.array([451.19, None], pa.float32()),
        "when": pa.array([moment, None], pa.timestamp("ns", "Mars/Olympus")),
        "late": pa.array([2**62, 0], pa.timestamp("ms")),
        "bytes": pa.array([b"S1", b"\xff"], pa.binary()),
        "kind": pa.array(["a", None]).dictionary_encode(),
        "exact": pa.array([Decimal("1.10"), None], pa.decimal128(18, 4)),
        "is_fraud": pa.array([1, 0]),
    }
    pq.write_table(pa.table(columns), path)

    first, second = FORMATS["parquet"].rows(path, [name for name in columns if name != "is_fraud"])

    assert isinstance(first, Row)
    assert isinstance(second, Row)
    cells = dict(first.cells)
    assert isinstance(cells.pop("late"), UnreadableCell)
    assert cells == {
        "small": 451.19,
        "when": datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
        "bytes": "S1",
        "kind": "a",
        "exact": Decimal("1.10"),
    }
    assert isinstance(second.cells["bytes"], UnreadableCell)


def test_damaged_parquet_is_an_error_not_a_traceback(tmp_path: Path) -> None:
    """A partial download is a frequent cause."""
    path = tmp_path / "half.parquet"
    path.write_bytes(b"PAR1 and then nothing")

    with pytest.raises(Misconfigured, match="not readable Parquet"):
        FORMATS["parquet"].columns(path)


def test_the_suffix_or_format_option_selects_the_format() -> None:
    """An unknown suffix without --format is an error, not a guess."""
    assert format_of(Path("a.NDJSON"), None) is FORMATS["jsonl"]
    assert format_of(Path("a.csv"), "parquet") is FORMATS["parquet"]
    with pytest.raises(Misconfigured, match="--format"):
        format_of(Path("a.txt"), None)


def test_an_optional_field_may_first_appear_late(tmp_path: Path) -> None:
    """Lines of JSON have their own keys, so a rail may first appear in line 1,000."""
    path = tmp_path / "late.jsonl"
    late = json.loads(GOOD_JSON) | {"rail": "card"}
    path.write_bytes(GOOD_JSON * 150 + json.dumps(late).encode())

    last = read(path)[-1]

    assert isinstance(last, FilePayment)
    assert last.document["rail"] == "card"
