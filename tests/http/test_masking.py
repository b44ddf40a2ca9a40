from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.http.masking import MASK, MIN_LENGTH, mask, masked

ACCOUNTS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:@=-]{7,33}", fullmatch=True)


@given(st.text(max_size=70))
def test_a_mask_shows_four_characters_of_a_long_number_and_none_of_a_short_one(
    account: str,
) -> None:
    """Four characters are enough to compare with a statement, and too few to pay with."""
    shown = mask(account).removeprefix(MASK)

    assert shown == (account[-4:] if len(account) >= MIN_LENGTH else "")


@given(ACCOUNTS, ACCOUNTS, st.sampled_from(["{}", "to {} again", "{},{}", "x{}y", "({})"]))
@example("12345678", "9912345678", "{} {}")
def test_no_text_beside_a_payment_shows_its_accounts(sender: str, receiver: str, form: str) -> None:
    """A reason, a note or a detail may repeat the account number."""
    texts = (form.format(sender, receiver), form.format(receiver, sender))
    payment = {"sender_id": sender, "receiver_id": receiver, "notes": [texts[0], {"a": texts}]}

    shown = masked({"items": [payment]})["items"][0]

    assert shown["sender_id"] == mask(sender)
    assert sender not in str(shown["notes"])
    assert receiver not in str(shown["notes"])


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"value": "12345678", "reason": "12345678 again", "expired": False}, "again"),
        ({"field": "sender_id", "operator": "eq", "value": "12345678"}, "5678"),
        ({"field": "receiver_id", "operator": "in", "value": ["12345678", "a"]}, "5678"),
    ],
    ids=str,
)
def test_entries_of_lists_and_conditions_are_masked(document: dict[str, Any], shown: str) -> None:
    """They name accounts too."""
    text = str(masked(document))

    assert "12345678" not in text
    assert shown in text


def test_the_conditions_of_an_author_stay() -> None:
    """An author who reads a rule and sends it back must not store a mask."""
    condition = {"field": "sender_id", "operator": "eq", "value": "12345678"}

    assert masked({"condition": condition}, conditions=False) == {"condition": condition}


def test_the_name_of_a_list_is_no_account() -> None:
    """The operator in_list compares with the entries of the list."""
    condition = {"field": "sender_id", "operator": "in_list", "value": "mule-accounts"}

    assert masked(condition) == condition


def test_ids_amounts_and_other_words_stay() -> None:
    """The id of a payment is a part of its path, also where it contains the account."""
    alert = {
        "id": "a-12345678",
        "transaction_id": "12345678-1",
        "sender_id": "12345678",
        "receiver_id": "7",
        "score": 0.77,
        "reasons": ["7 payments of R7.50", "17 in an hour"],
    }

    shown = masked(alert)

    assert shown == {
        **alert,
        "sender_id": "****5678",
        "receiver_id": "****",
        "reasons": ["**** payments of R7.50", "17 in an hour"],
    }
