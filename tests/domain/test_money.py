from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.money import Money
from risksentinel.errors import Malformed
from tests.strategies import money


@given(money)
def test_text_and_back_is_the_same_amount(amount: Money) -> None:
    """No cent of an amount may be lost in conversion."""
    again = Money.parse(str(amount))

    assert again == amount
    assert Money.of_cents(amount.cents) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "1 ",
        "-1",
        "+1",
        "1e9",
        "NaN",
        "Infinity",
        "1_000",
        "1,000",
        "٣",
        "1.234",
        "1.",
        ".5",
        "0x1",
        "1\n",
        "99999999999999999",
    ],
)
def test_text_that_is_not_plain_digits_is_refused(text: str) -> None:
    """Decimal() reads "1e9", "NaN", " 1", "1_000" and Arabic digits."""
    with pytest.raises(Malformed):
        Money.parse(text)


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "-Infinity", "0.001", "1E+17"])
def test_a_wrong_amount_cannot_exist(amount: str) -> None:
    """The value itself checks the amount, so that no caller can forget to."""
    with pytest.raises(Malformed):
        Money(Decimal(amount))


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_decimal_is_an_exact_amount_or_malformed(amount: Decimal) -> None:
    """Amounts are never rounded silently."""
    try:
        made = Money(amount)
    except Malformed:
        return

    assert made.amount == amount
    assert made.amount.as_tuple().exponent == -2
