import json
from typing import Any

import pytest
from hypothesis import given

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.payment_formats import json_payment
from risksentinel.payment_formats.payment_document import document
from risksentinel.text import strict_json
from tests.strategies import NOW, transactions

GOOD: dict[str, Any] = {
    "sender_id": "A",
    "receiver_id": "B",
    "amount_zar": "10.00",
    "channel": "pos",
}


@given(transactions)
def test_read_reverses_serialize(payment: Transaction) -> None:
    """Events and explanations contain the payment in this form."""
    text = json.dumps(json_payment.serialize(payment)).encode()

    again = document(strict_json.decode(text)).accepted()

    assert again == payment


@pytest.mark.parametrize("amount", ["75000", "75000.0", "75000.00"])
def test_an_amount_is_exact_as_number_and_as_text(amount: str) -> None:
    """75000 and "75000.00" are the same amount."""
    as_number = strict_json.decode(amount.encode())

    amounts = {
        document({**GOOD, "amount_zar": given}).amount_zar.cents for given in (amount, as_number)
    }

    assert amounts == {7_500_000}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"amount_zar": "1.234"}, "amount_zar"),
        ({"amount_zar": -1}, "amount_zar"),
        ({"amount_zar": "1e3"}, "amount_zar"),
        ({"amount_zar": True}, "amount_zar"),
        ({"amount_zar": None}, "amount_zar"),
        ({"amount_zar": [1]}, "amount_zar"),
        ({"sender_id": ""}, "sender_id"),
        ({"sender_id": 7}, "sender_id"),
        ({"receiver_id": "x" * 65}, "receiver_id"),
        ({"receiver_id": "a\0b"}, "receiver_id"),
        ({"channel": "pigeon"}, "channel"),
        ({"rail": "donkey"}, "rail"),
        ({"receiver_country": "South Africa"}, "receiver_country"),
        ({"merchant_category": "x" * 65}, "merchant_category"),
        ({"merchant_category": "\n"}, "merchant_category"),
        ({"occurred_at": "2026-05-01T08:30:00"}, "occurred_at"),
        ({"occurred_at": "2026-13-01T08:30:00Z"}, "occurred_at"),
        ({"occurred_at": 1_777_777_777}, "occurred_at"),
        ({"id": "with space"}, "id"),
        ({"device_id": "my phone"}, "device_id"),
        ({"device_id": 7}, "device_id"),
        ({"sim_swapped_at": "last week"}, "sim_swapped_at"),
        ({"beneficiary_added_at": "2026-04-31T08:30:00Z"}, "beneficiary_added_at"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "zar"}, "currency"),
        ({"currency": 710}, "currency"),
        ({"currency": ""}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_each_violation_has_its_path(change: dict[str, Any], path: str) -> None:
    """Callers find the field by its path."""
    with pytest.raises(Malformed) as refused:
        document({**GOOD, **change})

    assert [violation.path for violation in refused.value.violations] == [path]


def test_all_violations_are_listed_without_their_values() -> None:
    """The caller corrects all fields at once, and responses in logs contain no payment data."""
    secret = "ZA-6200-SECRET 1"
    wrong = {"sender_id": secret, "amount_zar": secret, "channel": secret, secret: 1}

    with pytest.raises(Malformed) as refused:
        document(wrong)

    assert len(refused.value.violations) == 5
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize("currency", ["ZAR", None])
def test_rand_may_be_stated_and_is_not_stored(currency: str | None) -> None:
    """All amounts are in rand, so the currency is not stored."""
    payment = document({**GOOD, "currency": currency}).transaction(lambda: "id", NOW)

    assert payment == document(GOOD).transaction(lambda: "id", NOW)
    assert "currency" not in json_payment.serialize(payment)


def test_the_message_for_another_currency_says_what_to_do() -> None:
    """An amount in dollars must not be read as rand."""
    with pytest.raises(Malformed, match=r"^currency: must be ZAR: .* Convert the amount to rand"):
        document({**GOOD, "currency": "USD"})


@pytest.mark.parametrize("name", ["sim_swapped_at", "beneficiary_added_at"])
def test_a_time_after_the_payment_is_refused_by_its_name(name: str) -> None:
    """Without occurred_at the payment is of now, and clocks may be five minutes ahead."""
    late = document({**GOOD, name: "2026-05-01T12:05:01Z"})
    just = document({**GOOD, name: "2026-05-01T14:05:00+02:00"})

    with pytest.raises(Malformed, match=f"^{name}: "):
        late.transaction(lambda: "id", NOW)
    just.transaction(lambda: "id", NOW)


@pytest.mark.parametrize(
    ("time", "fine"), [("2026-05-01T12:05:00Z", True), ("2026-05-01T12:05:01Z", False)]
)
def test_a_payment_of_the_future_is_refused(time: str, *, fine: bool) -> None:
    """Clock skew of up to five minutes is allowed."""
    stated_payment = document({**GOOD, "occurred_at": time})

    try:
        stated_payment.transaction(lambda: "id", NOW)
        accepted = True
    except Malformed:
        accepted = False

    assert accepted is fine
