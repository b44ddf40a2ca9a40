"""The bytes that are hashed: canonical JSON, held against RFC 8785."""

import json
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.ledger_entry import Head, LedgerEntry
from risksentinel.text.canonical_json import canonical
from tests.strategies import NOW

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
names = st.text("abcdefghijklmnopqrstuvwxyz_ABC019", max_size=8)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(names, values), texts, texts)
def test_an_entry_is_hashed_as_rfc_8785_writes_it(
    details: dict[str, Any], actor: str, subject: str
) -> None:
    """A third party must get the same bytes from another library."""
    entry = LedgerEntry(
        7, NOW, actor, "rule.patched", "rule", subject, canonical(details), b"written with a tag"
    )

    assert entry.canonical == rfc8785.dumps(entry.to_mapping())
    assert canonical(details).encode() == rfc8785.dumps(details)


@given(st.dictionaries(names, values | st.floats(allow_nan=False, allow_infinity=False)))
def test_entries_of_earlier_releases_have_one_spelling(details: dict[str, Any]) -> None:
    """Their JSON has blanks and another order, and numbers with a point."""
    old = LedgerEntry(7, NOW, "a", "b", "c", "d", json.dumps(details, indent=1))
    new = LedgerEntry(7, NOW, "a", "b", "c", "d", canonical(details), b"tag")

    assert old.leaf == new.leaf
    assert json.loads(canonical(details)) == details


def test_a_signature_covers_size_root_and_time() -> None:
    """A head of another size or time must not carry the signature."""
    head = Head(1, b"\x01" * 32, NOW)

    assert json.loads(head.signed) == {
        "tree": "risksentinel ledger v1",
        "size": 1,
        "root": "01" * 32,
        "at": "2026-05-01T12:00:00Z",
    }
