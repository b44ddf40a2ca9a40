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
    """Send a payment under a key."""
    headers = {"Idempotency-Key": key, "Prefer": prefer}
    return api.post(TRANSACTIONS, json=body, headers=headers)


def count(api: Client) -> int:
    """How many payments are kept."""
    return len(said(api.get(TRANSACTIONS))["items"])


@pytest.mark.parametrize("again", [UUID, f'"{UUID}"'])
def test_the_same_key_again_gets_the_first_answer_again(api: Client, again: str) -> None:
    """A caller that heard no answer, and gives payments no ids, pays once; quotes are optional."""
    first = pay(api, UUID)

    second = pay(api, again)

    assert said(second, 200) == said(first, 201)
    assert second.headers["Location"] == first.headers["Location"]
    assert count(api) == 1


def test_the_same_key_of_another_payment_is_a_conflict(api: Client) -> None:
    """Two payments under one key would have one score: the caller must change the key."""
    pay(api, UUID)

    answer = pay(api, UUID, LARGE)

    assert list(violations(answer, 409)) == ["header.Idempotency-Key"]
    assert "its own key" in answer.text
    assert "acc-1" not in answer.text


def test_two_senders_may_have_one_key(api: Client) -> None:
    """Each bank counts from 1."""
    first = pay(api, "1")

    second = pay(api, "1", {**PAYMENT, "sender_id": "acc-2"})

    assert said(first, 201)["id"] != said(second, 201)["id"]


def test_an_id_in_the_body_is_same_payment_s_name(api: Client) -> None:
    """A payment with an id needs no second name: the key changes nothing."""
    first = pay(api, "a", {**PAYMENT, "id": "p-1"})

    same_id = pay(api, "b", {**PAYMENT, "id": "p-1"})
    same_key = pay(api, "a", {**PAYMENT, "id": "p-2"})

    assert said(first, 201)["id"] == said(same_id, 200)["id"] == "p-1"
    assert said(same_key, 201)["id"] == "p-2"


def test_a_payment_that_does_not_wait_is_taken_in_once(api: Client) -> None:
    """The key holds for both ways of asking."""
    first = pay(api, UUID, prefer="respond-async")
    second = pay(api, UUID, prefer="respond-async")

    assert said(first, 202)["id"] == said(second, 202)["id"]
    assert count(api) == 1


@pytest.mark.parametrize("key", ["", " ", '""', '"', '"a', "a\tb", "\x7f", "é", "k" * 256])
def test_a_key_that_is_none_is_told_what_a_key_is(api: Client, key: str) -> None:
    """A key that is ignored would double the payment that is sent again."""
    answer = pay(api, key)

    assert list(violations(answer)) == ["header.Idempotency-Key"]
    assert "1 to 255 printable ASCII characters" in answer.text
    assert count(api) == 0


@pytest.mark.parametrize("key", ["k" * 255, '"a b"', "a b", 'a"b', '"' + "k" * 255 + '"'])
def test_any_key_of_printable_characters_is_taken(api: Client, key: str) -> None:
    """Callers take what they have: a UUID, an order number, a text."""
    assert pay(api, key).status_code == 201


def test_a_batch_does_not_read_the_key(api: Client) -> None:
    """One key cannot name five hundred payments: there each has its id."""
    body = {"transactions": [PAYMENT, PAYMENT]}

    answer = api.post(f"{TRANSACTIONS}batch", json=body, headers={"Idempotency-Key": UUID})

    assert [result["status"] for result in said(answer)["results"]] == [201, 201]


@given(sender=identifiers, other=identifiers, key=keys, another=keys)
def test_sender_and_key_together_make_the_id(
    sender: str, other: str, key: str, another: str
) -> None:
    """An id is claimed for good: two payments that share one by chance would lose one of them."""
    bodies = [document({**PAYMENT, "sender_id": each}) for each in (sender, other)]

    ids = {
        (body.sender_id, each): named_by(each, body).id
        for body in bodies
        for each in (key, another)
    }

    assert len(set(ids.values())) == len(ids)
    assert all(one is not None and len(one) == sha256().digest_size * 2 for one in ids.values())
