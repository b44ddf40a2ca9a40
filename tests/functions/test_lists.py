"""Named lists over the API: changes are in force, audited, and never logged."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from werkzeug.test import Client, TestResponse

from functions.rules_crud.list_files import MAX_IMPORT_BYTES, MAX_IMPORT_ENTRIES
from infra.generate.openapi import BUILDS
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from risksentinel.domain.named_list import MAX_LISTS
from tests.functions.caller import LISTS, NOW, PAYMENT, RULES, TRANSACTIONS, said, violations

ENTRIES = f"{LISTS}mule/entries"
ON_MULE = {
    "name": "A mule is paid",
    "condition": {"field": "receiver_id", "operator": "in_list", "value": "mule"},
    "weight": 1,
    "severity": "critical",
    "floor": 0.95,
}


def audited(container: Container) -> list[tuple[str, str, str, Any]]:
    """The audit entries of lists: actor, action and list, in order."""
    query = select(audit_log).where(audit_log.c.subject_kind == "list").order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        rows = connection.execute(query).all()
    return [(row.actor, row.action, row.subject_id, row.details) for row in rows]


def imported(api: Client, text: str | bytes, media: str = "text/csv") -> TestResponse:
    """Send a CSV for the list of mules."""
    body = text.encode() if isinstance(text, str) else text
    return api.post(f"{LISTS}mule/import", data=body, content_type=media)


def values(api: Client, name: str = "mule") -> list[str]:
    """The values on a list, page by page."""
    found, cursor = [], ""
    while True:
        page = said(api.get(f"{LISTS}{name}/entries?limit=2{cursor}"))
        found += [entry["value"] for entry in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


@pytest.mark.parametrize(
    "character", ["\N{GRINNING FACE}", "\N{GREEK SMALL LETTER IOTA WITH DIALYTIKA AND TONOS}"]
)
def test_pages_begin_after_the_longest_values_too(api: Client, character: str) -> None:
    """A cursor contains a folded value; one character can become six bytes."""
    long = [f"{number}{character * 127}" for number in range(3)]
    for value in long:
        api.post(f"{LISTS}mule/entries", json={"value": value})

    assert values(api) == long


def test_four_empty_lists_are_there_from_the_start(api: Client) -> None:
    """The default lists exist, so that the first rule can use them."""
    items = said(api.get(LISTS))["items"]

    assert [(each["name"], each["size"]) for each in items] == [
        ("allow", 0),
        ("block", 0),
        ("mule", 0),
        ("own", 0),
    ]


def test_a_listed_account_is_stopped_in_any_spelling(container: Container, api: Client) -> None:
    """A rule with a list decides the next payment."""
    watch = [NOW]
    other = Container(container.settings, clock=lambda: watch[0])
    paying = Client(BUILDS["ingest"](other))
    said(api.post(RULES, json=ON_MULE), 201)
    before = said(paying.post(TRANSACTIONS, json=PAYMENT), 201)
    said(api.post(ENTRIES, json={"value": " SHOP-1 ", "reason": "case 77"}), 201)
    watch[0] += timedelta(seconds=1)

    listed = said(paying.post(TRANSACTIONS, json=PAYMENT), 201)
    not_listed = said(paying.post(TRANSACTIONS, json={**PAYMENT, "receiver_id": "shop-2"}), 201)

    other.close()
    decisions = [before["decision"], listed["decision"], not_listed["decision"]]
    assert decisions == ["approve", "decline", "approve"]
    assert any("A mule is paid" in reason for reason in listed["reasons"])


def test_an_entry_is_added_replaced_shown_and_removed(api: Client) -> None:
    """A value has one entry, whatever its case and blanks."""
    soon = "2026-06-01T00:00:00Z"

    added = api.post(ENTRIES, json={"value": "ACC-1 "}, headers={"X-Actor": "thandi"})
    again = api.post(ENTRIES, json={"value": "ACC-1"}, headers={"X-Actor": "sipho"})
    replaced = api.put(f"{ENTRIES}/acc-1", json={"reason": "case 7", "expires_at": soon})
    found = said(api.get(f"{ENTRIES}?value=Acc-1"))["items"]
    removed, gone = api.delete(f"{ENTRIES}/ACC-1"), api.delete(f"{ENTRIES}/ACC-1")

    assert [added.status_code, again.status_code, replaced.status_code] == [201, 200, 200]
    assert added.headers["Location"] == f"{ENTRIES}/ACC-1"
    assert said(again)["author"] == "thandi"  # nothing was changed
    assert found == [said(replaced)]
    assert (
        found[0].items()
        >= {
            "value": "acc-1",
            "reason": "case 7",
            "author": "api",
            "created_at": "2026-05-01T12:00:00Z",
            "expires_at": soon,
            "expired": False,
        }.items()
    )
    assert [removed.status_code, gone.status_code] == [204, 404]
    assert said(api.get(f"{LISTS}mule"))["size"] == 0


@pytest.mark.parametrize("value", ["a/b", "a b & c", "?", "100%", "žár", "+27 82 123"])
def test_a_value_in_an_address_is_any_text(api: Client, value: str) -> None:
    """Values can contain slashes, as merchant categories do, and a plus, as phone numbers do."""
    location = api.post(ENTRIES, json={"value": value}).headers["Location"]

    replaced = api.put(location, json={"reason": "x"})

    assert said(replaced)["value"] == value
    assert api.delete(location).status_code == 204


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "value"),
        ({"value": "  "}, "value"),
        ({"value": "\u3000"}, "value"),
        ({"value": "a" * 129}, "value"),
        ({"value": "a\u2028b"}, "value"),
        ({"value": 7}, "value"),
        ({"value": "a", "reason": "a\nb"}, "reason"),
        ({"value": "a", "expires_at": "2026-05-01"}, "expires_at"),
        ({"value": "a", "expires_at": "2026-05-01T11:59:59Z"}, "expires_at"),
        ({"value": "a", "author": "me"}, "author"),
    ],
)
def test_a_wrong_entry_is_refused_at_its_member(
    api: Client, body: dict[str, object], path: str
) -> None:
    """An entry that can never match is refused."""
    assert [*violations(api.post(ENTRIES, json=body))] == [path]


def test_a_list_is_made_and_deleted(api: Client) -> None:
    """An analyst can create and delete lists."""
    made = api.post(LISTS, json={"name": "vip", "description": "Directors"})
    said(api.post(f"{LISTS}vip/entries", json={"value": "a"}), 201)
    twice = api.post(LISTS, json={"name": "vip"})
    deleted = api.delete(f"{LISTS}vip")
    said(api.post(LISTS, json={"name": "vip"}), 201)

    assert said(made, 201)["description"] == "Directors"
    assert made.headers["Location"] == f"{LISTS}vip"
    assert [*violations(twice, 409)] == ["name"]
    assert deleted.status_code == 204
    assert values(api, "vip") == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["none", "none/entries/a"])
def test_what_is_not_there_is_404(api: Client, method: str, path: str) -> None:
    """A misspelt list name gets 404, and creates no list."""
    if (method, path) != ("GET", "none/entries/a"):
        assert api.open(LISTS + path, method=method).status_code == 404
    assert api.put(f"{LISTS}none/entries/a", json={}).status_code == 404
    assert api.get(f"{LISTS}none/export").status_code == 404


@pytest.mark.parametrize("name", ["A", "a b", "-a", "a" * 65, ""])
def test_a_name_that_no_rule_can_write_is_refused(api: Client, name: str) -> None:
    """The name of a list has the same rules here as in a rule."""
    assert [*violations(api.post(LISTS, json={"name": name}))] == ["name"]


def test_a_list_that_an_active_rule_uses_is_not_deleted(api: Client) -> None:
    """A list that an active rule uses cannot be deleted: the rule would not fire."""
    rule = said(api.post(RULES, json=ON_MULE), 201)

    refused = api.delete(f"{LISTS}mule")
    api.delete(RULES + rule["id"])
    deleted = api.delete(f"{LISTS}mule")

    assert '"A mule is paid"' in violations(refused, 409)[""]
    assert deleted.status_code == 204


def test_there_are_only_so_many_lists(api: Client) -> None:
    """The number of lists is limited, because each process holds them in memory."""
    answers = [api.post(LISTS, json={"name": f"l{n}"}) for n in range(MAX_LISTS - 4 + 1)]

    assert [each.status_code for each in answers[-2:]] == [201, 409]


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


def test_every_change_is_audited_with_its_author(container: Container, api: Client) -> None:
    """The audit log has the actor and the reason of every change."""
    by = {"headers": {"X-Actor": "thandi"}}
    api.post(LISTS, json={"name": "vip"}, **by)
    api.post(f"{LISTS}vip/entries", json={"value": "a", "reason": "r"}, **by)
    api.post(f"{LISTS}vip/entries", json={"value": "a", "reason": "r"}, **by)
    api.put(f"{LISTS}vip/entries/A", json={}, **by)
    api.delete(f"{LISTS}vip/entries/a", **by)
    api.post(f"{LISTS}vip/import", data="value\nb\nc\n", content_type="text/csv", **by)
    api.delete(f"{LISTS}vip", **by)

    found = audited(container)

    assert {(actor, name) for actor, _, name, _ in found} == {("thandi", "vip")}
    nothing = {"reason": "", "expires_at": None}
    was = {"reason": "r", "expires_at": None}
    assert [(action, details) for _, action, _, details in found] == [
        ("list.created", {"description": ""}),
        ("list.entry_added", {"value": "a", **was}),
        ("list.entry_replaced", {"value": "A", **nothing, "before": was}),
        ("list.entry_removed", {"value": "a"}),
        ("list.imported", {"added": 2, "replaced": 0}),
        ("list.deleted", {"size": 2}),
    ]


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """The log entries of a test."""
    with capture_logs() as captured:
        yield captured


def test_no_value_of_a_list_is_logged(api: Client, logs: list[Any]) -> None:
    """Values of lists are account numbers, and must not be logged."""
    api.post(RULES, json=ON_MULE)
    api.post(ENTRIES, json={"value": "SECRET-1"})
    api.get(f"{ENTRIES}?value=SECRET-1")
    api.put(f"{ENTRIES}/SECRET-1", json={"reason": "SECRET-2"})
    imported(api, "value\nSECRET-3\nSECRET-3\n")
    api.post(TRANSACTIONS, json={**PAYMENT, "receiver_id": "SECRET-1"})
    api.delete(f"{ENTRIES}/SECRET-1")

    assert len(logs) >= 7
    assert "secret" not in str(logs).lower()
