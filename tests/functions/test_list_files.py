"""The import and the export of a named list as CSV."""

import pytest
from werkzeug.test import Client

from functions.rules_crud.list_files import MAX_IMPORT_BYTES, MAX_IMPORT_ENTRIES
from tests.functions.caller import ENTRIES, LISTS, imported, said, values, violations


def test_an_import_adds_and_replaces(api: Client) -> None:
    """The columns of a CSV can have any order, as spreadsheets export them."""
    said(api.post(ENTRIES, json={"value": "acc-1"}), 201)

    answer = imported(
        api,
        "\ufeffReason;Value;expires_at\r\n"
        'case 7;ACC-1;\r\n;"acc;2";2027-01-01T00:00:00+02:00\r\n\r\nx;acc-3;\r\n',
        "text/csv; charset=utf-8",
    )

    assert said(answer) == {"added": 2, "replaced": 1}
    assert values(api) == ["ACC-1", "acc-3", "acc;2"]
    entry = said(api.get(f"{ENTRIES}?value=acc%3B2"))["items"][0]
    assert entry["expires_at"] == "2026-12-31T22:00:00Z"


def test_every_invalid_line_of_an_import_is_listed_and_nothing_is_stored(api: Client) -> None:
    """An import with an invalid line imports nothing."""
    lines = [
        "value,reason,expires_at",
        "good,,",
        " ,blank,",
        "good again,,tomorrow",
        "GOOD ,again,",
        "4.11111E+15,shortened,",
        "a,b",
        "no zone,,2026-05-01T00:00:00",
        "a" * 129 + ",,",
        'quote"d,"x"y,',
    ]

    told = violations(imported(api, "\n".join(lines)))

    assert [*told] == [f"line {n}" for n in (3, 4, 5, 6, 7, 8, 9, 10)]
    assert told["line 5"] == "value repeats line 2"
    assert "spreadsheet shortened" in told["line 6"]
    assert values(api) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "line 1"),
        ("acc-1\nacc-2\n", "line 1"),
        ("value,colour\na,b\n", "line 1"),
        ("value,value\na,b\n", "line 1"),
        (b"value\n\xff\n", ""),
    ],
)
def test_a_file_that_is_no_list_is_refused(api: Client, text: str | bytes, path: str) -> None:
    """A CSV without a valid header is refused: a wrong column would become the values."""
    assert [*violations(imported(api, text))] == [path]


def test_only_csv_is_imported(api: Client) -> None:
    """An import takes CSV only."""
    answer = imported(api, "value\na\n", "application/json")

    assert answer.status_code == 415
    assert "text/csv" in answer.text


def test_an_import_is_bounded(api: Client) -> None:
    """The size of an import is limited: the body is in memory, and the rows are one commit."""
    many = "value\n" + "\n".join(map(str, range(MAX_IMPORT_ENTRIES + 1)))

    large = imported(api, b"value\n" + b"a" * MAX_IMPORT_BYTES)

    assert "split the file" in violations(imported(api, many))[""]
    assert large.status_code == 413
    assert said(
        imported(api, "value,reason\n" + "".join(f"a{n},{'r' * 90}\n" for n in range(20_000)))
    )


def test_an_export_reads_back_to_the_same_list(api: Client) -> None:
    """A cell that a spreadsheet would run as a formula is escaped, and imported unchanged."""
    rows = {
        "=1+1": "@SUM(A1)",
        "+27821234567": "-",
        "'=quoted": "a, b; c",
        "'plain": 'say "so"',
        "acc-1": "",
    }
    for value, reason in rows.items():
        said(api.post(ENTRIES, json={"value": value, "reason": reason}), 201)

    exported = api.get(f"{LISTS}mule/export")
    said(api.post(LISTS, json={"name": "copy"}), 201)
    copied = api.post(f"{LISTS}copy/import", data=exported.data, content_type="text/csv")

    lines = exported.text.split("\r\n")
    assert lines[0] == "value,reason,expires_at,author,created_at"
    assert not any(line.startswith(("=", "+", "-", "@")) for line in lines)
    assert exported.headers["Content-Disposition"] == 'attachment; filename="mule.csv"'
    assert said(copied) == {"added": len(rows), "replaced": 0}
    items = said(api.get(f"{LISTS}copy/entries"))["items"]
    assert {each["value"]: each["reason"] for each in items} == rows
