"""The entries of a named list over the API."""

import pytest
from werkzeug.test import Client

from tests.functions.caller import ENTRIES, LISTS, said, values, violations


@pytest.mark.parametrize(
    "character", ["\N{GRINNING FACE}", "\N{GREEK SMALL LETTER IOTA WITH DIALYTIKA AND TONOS}"]
)
def test_pages_begin_after_the_longest_values_too(api: Client, character: str) -> None:
    """A cursor contains a folded value; one character can become six bytes."""
    long = [f"{number}{character * 127}" for number in range(3)]
    for value in long:
        api.post(f"{LISTS}mule/entries", json={"value": value})

    assert values(api) == long


def test_an_entry_is_added_replaced_shown_and_removed(api: Client, thandi: Client) -> None:
    """A value has one entry, whatever its case and blanks."""
    soon = "2026-06-01T00:00:00Z"

    added = thandi.post(ENTRIES, json={"value": "ACC-1 "})
    again = api.post(ENTRIES, json={"value": "ACC-1"})
    replaced = api.put(f"{ENTRIES}/acc-1", json={"reason": "case 7", "expires_at": soon})
    found = said(api.get(f"{ENTRIES}?value=Acc-1"))["items"]
    removed, gone = api.delete(f"{ENTRIES}/ACC-1"), api.delete(f"{ENTRIES}/ACC-1")

    assert [added.status_code, again.status_code, replaced.status_code] == [201, 200, 200]
    assert added.headers["Location"] == f"{ENTRIES}/ACC-1"
    assert said(again)["author"] == "key:thandi"  # nothing was changed
    assert found == [said(replaced)]
    assert (
        found[0].items()
        >= {
            "value": "acc-1",
            "reason": "case 7",
            "author": "local",
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
