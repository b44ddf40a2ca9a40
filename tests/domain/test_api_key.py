import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.access import Right, Role, with_roles
from risksentinel.domain.api_key import SALT_BYTES, ApiKey, KeyText, key_text, new_key_text
from risksentinel.domain.label import LabelSource
from risksentinel.errors import Malformed
from tests.strategies import NOW

TEXT = new_key_text(secrets.token_bytes)


def api_key(text: KeyText = TEXT, **changed: object) -> ApiKey:
    """A key with this text."""
    salt = b"s" * SALT_BYTES
    usual = ApiKey(
        id=text.id,
        name="core-banking",
        salt=salt,
        digest=text.hashed(salt),
        roles=frozenset({Role.SUBMITTER}),
        label_sources=frozenset(),
        created_at=NOW,
        created_by="operator:root",
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # any field


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=6, max_size=6))
def test_a_key_is_read_as_it_was_written(secret: bytes, key_id: bytes) -> None:
    """Any random secret makes a key that can be sent in a header."""
    text = new_key_text(lambda count: {32: secret, 6: key_id}[count])

    assert key_text(text.text) == text
    assert api_key(text).accepts(text.secret)


@given(st.text(max_size=80) | st.from_regex(r"rs_[0-9a-f]{12}_[A-Za-z0-9_-]{42}", fullmatch=True))
def test_no_other_text_is_a_key(sent: str) -> None:
    """A header may contain anything."""
    assert key_text(sent) is None


@given(st.integers(0, 42), st.sampled_from("AZaz09-_"))
def test_a_changed_secret_is_refused(at: int, character: str) -> None:
    """Each character of the secret counts."""
    changed = TEXT.secret[:at] + character + TEXT.secret[at + 1 :]

    assert api_key().accepts(changed) == (changed == TEXT.secret)


def test_the_secret_is_neither_stored_nor_shown() -> None:
    """A copy of the database, or a traceback, must not contain a key that works."""
    assert TEXT.secret not in repr(TEXT) + repr(api_key())


def test_two_keys_with_one_secret_have_different_digests() -> None:
    """The salt keeps a digest from being compared or looked up in a table."""
    assert TEXT.hashed(b"a" * SALT_BYTES) != TEXT.hashed(b"b" * SALT_BYTES)


def test_a_key_is_in_force_until_it_expires_or_is_revoked() -> None:
    """The moment of expiry is excluded."""
    soon = NOW + timedelta(hours=1)

    assert api_key(expires_at=soon).is_in_force(soon - timedelta(microseconds=1))
    assert not api_key(expires_at=soon).is_in_force(soon)
    assert not api_key(revoked_at=NOW).is_in_force(NOW)
    assert api_key().is_in_force(NOW + timedelta(days=36_500))


def test_an_end_never_lengthens_a_life() -> None:
    """A rotation must not keep an old key alive beyond its own end."""
    soon, late = NOW + timedelta(hours=1), NOW + timedelta(days=1)

    assert api_key(expires_at=soon).until(late).expires_at == soon
    assert api_key(expires_at=late).until(soon).expires_at == soon
    assert api_key().until(soon).expires_at == soon


@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "Core Banking"},
        {"name": "a" * 64},
        {"name": "a\n"},
        {"roles": frozenset()},
        {"expires_at": NOW},
    ],
    ids=str,
)
def test_a_key_without_a_name_a_right_or_a_life_cannot_exist(changed: dict[str, Any]) -> None:
    """The audit log shows the name; a key without a right only looks like access."""
    with pytest.raises(Malformed):
        api_key(**changed)


def test_a_source_of_labels_is_a_right_of_its_own() -> None:
    """The feed of a card scheme reports chargebacks, and reads nothing."""
    feed = api_key(roles=frozenset(), label_sources=frozenset({LabelSource.CHARGEBACK})).principal

    assert feed.rights == {Right.WRITE_LABELS}
    assert feed.label_sources == {LabelSource.CHARGEBACK}


def test_a_role_that_labels_reports_findings_of_analysts_only() -> None:
    """A chargeback outranks an analyst: it needs a scope of its own."""
    assert with_roles("a", [Role.ANALYST]).label_sources == {LabelSource.ANALYST}
    assert not with_roles("a", [Role.SUBMITTER, Role.AUDITOR]).label_sources
