from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from functions.ingest.idempotency_key import named_by
from risksentinel.payment_formats.payment_document import document
from tests.functions.caller import LARGE, PAYMENT, TRANSACTIONS, said, violations
from tests.strategies import identifiers

UUID = "8e03978e-40d5-43dd-bc93-6894a57f9324"
keys = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


def pay(api: Client, key: str, body: dict[str, Any] = PAYMENT, prefer: str = "") -> TestResponse:
    """Send a payment with a key."""
    headers = {"Idempotency-Key": key, "Prefer": prefer}
    return api.post(TRANSACTIONS, json=body, headers=headers)


def count(api: Client) -> int:
    """The number of stored payments."""
    return len(said(api.get(TRANSACTIONS))["items"])


@pytest.mark.parametrize("again", [UUID, f'"{UUID}"'])
def test_the_same_key_again_gets_the_first_answer_again(api: Client, again: str) -> None:
    """A client that retries a payment without an id pays once; quotes are optional."""
    first = pay(api, UUID)

    second = pay(api, again)

    assert said(second, 200) == said(first, 201)
    assert second.headers["Location"] == first.headers["Location"]
    assert count(api) == 1


def test_the_same_key_of_another_payment_is_a_conflict(api: Client) -> None:
    """Two payments with one key would share a score: the client must change the key."""
    pay(api, UUID)

    answer = pay(api, UUID, LARGE)

    assert list(violations(answer, 409)) == ["header.Idempotency-Key"]
    assert "its own key" in answer.text
    assert "acc-1" not in answer.text


def test_two_senders_may_have_one_key(api: Client) -> None:
    """Two senders may use the same key, such as a counter."""
    first = pay(api, "1")

    second = pay(api, "1", {**PAYMENT, "sender_id": "acc-2"})

    assert said(first, 201)["id"] != said(second, 201)["id"]


def test_an_id_in_the_body_is_the_payment_s_name(api: Client) -> None:
    """The key of a payment with an id is ignored."""
    first = pay(api, "a", {**PAYMENT, "id": "p-1"})

    same_id = pay(api, "b", {**PAYMENT, "id": "p-1"})
    same_key = pay(api, "a", {**PAYMENT, "id": "p-2"})

    assert said(first, 201)["id"] == said(same_id, 200)["id"] == "p-1"
    assert said(same_key, 201)["id"] == "p-2"


def test_a_payment_that_does_not_wait_is_taken_in_once(api: Client) -> None:
    """The key works with and without `Prefer: respond-async`."""
    first = pay(api, UUID, prefer="respond-async")
    second = pay(api, UUID, prefer="respond-async")

    assert said(first, 202)["id"] == said(second, 202)["id"]
    assert count(api) == 1


@pytest.mark.parametrize("key", ["", " ", '""', '"', '"a', "a\tb", "\x7f", "é", "k" * 256])
def test_an_invalid_key_is_refused_with_the_form_of_a_key(api: Client, key: str) -> None:
    """An ignored key would duplicate a retried payment."""
    answer = pay(api, key)

    assert list(violations(answer)) == ["header.Idempotency-Key"]
    assert "1 to 255 printable ASCII characters" in answer.text
    assert count(api) == 0


@pytest.mark.parametrize("key", ["k" * 255, '"a b"', "a b", 'a"b', '"' + "k" * 255 + '"'])
def test_any_key_of_printable_characters_is_taken(api: Client, key: str) -> None:
    """A key can be a UUID, an order number or a text."""
    assert pay(api, key).status_code == 201


def test_a_batch_does_not_read_the_key(api: Client) -> None:
    """A batch ignores the key: one key cannot identify 500 payments."""
    body = {"transactions": [PAYMENT, PAYMENT]}

    answer = api.post(f"{TRANSACTIONS}batch", json=body, headers={"Idempotency-Key": UUID})

    assert [result["status"] for result in said(answer)["results"]] == [201, 201]


@given(sender=identifiers, other=identifiers, key=keys, another=keys)
def test_sender_and_key_together_make_the_id(
    sender: str, other: str, key: str, another: str
) -> None:
    """Ids have no expiry, so two payments must not get the same derived id."""
    bodies = [document({**PAYMENT, "sender_id": each}) for each in (sender, other)]

    ids = {
        (body.sender_id, each): named_by(each, body).id
        for body in bodies
        for each in (key, another)
    }

    assert len(set(ids.values())) == len(ids)
    assert all(one is not None and len(one) == sha256().digest_size * 2 for one in ids.values())
