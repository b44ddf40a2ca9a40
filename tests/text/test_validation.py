"""A message of a wrong word lists the allowed words, and never repeats the given one."""

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError, field_validator

from risksentinel.domain.label import LabelSource
from risksentinel.domain.transaction import Channel, Rail
from risksentinel.errors import Malformed, Violation
from risksentinel.payment_formats.payment_document import document
from risksentinel.text.validation import violations_of

GOOD: dict[str, Any] = {
    "sender_id": "A",
    "receiver_id": "B",
    "amount_zar": "10.00",
    "channel": "pos",
}
SECRET = "ZA-6200123456789 X"


class Chosen(BaseModel):
    """A model with each kind of choice."""

    channel: Channel = Channel.POS
    plain: Literal["card", "eft"] = "card"
    source: Literal[LabelSource.CHARGEBACK, LabelSource.CUSTOMER_REPORT] = LabelSource.CHARGEBACK
    note: str = ""

    @field_validator("note")
    @classmethod
    def _careless(cls, note: str) -> str:
        raise ValueError(f"{note} is no note")


class Plain(BaseModel):
    """A model with fields that read plain values."""

    flag: bool = False
    count: Annotated[int, Field(ge=1)] = 1
    texts: list[str] = []
    note: Annotated[str, Field(min_length=1)] = "x"


def told(kind: type[BaseModel], **given_values: object) -> dict[str, str]:
    """Return the messages by their paths."""
    with pytest.raises(ValidationError) as refused:
        kind.model_validate(given_values)
    return {violation.path: violation.message for violation in violations_of(refused.value)}


def message(name: str, value: object) -> str:
    """Return the message for a payment with this value."""
    with pytest.raises(Malformed) as refused:
        document({**GOOD, name: value})
    (violation,) = refused.value.violations
    assert violation.path == name
    return violation.message


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("channel", ", ".join(Channel)),
        ("plain", "card, eft"),
        ("source", "chargeback, customer_report"),
    ],
)
@pytest.mark.parametrize(
    "given_word", ["a", "o", "must", "banking", "card,", "", SECRET, 7, None, []]
)
def test_the_message_for_any_wrong_word_has_the_list(
    field: str, words: str, given_word: object
) -> None:
    """A part of the right word is the most frequent mistake."""
    (text,) = told(Chosen, **{field: given_word}).values()

    assert text.partition(";")[0] == f"must be one of: {words}"


@given(word=st.text(max_size=60), words=st.sampled_from([Channel, Rail]))
@example(word=SECRET, words=Channel)
def test_a_wrong_word_is_not_repeated(word: str, words: type[StrEnum]) -> None:
    """The value of a channel field may be an account number."""
    if word in list(words):
        return
    field = "channel" if words is Channel else "rail"

    text = message(field, word)

    hint = text.partition("; did you mean ")[2].removesuffix("?")
    assert text.startswith(f"must be one of: {', '.join(words)}")
    assert hint in {"", *words}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("mobile", "mobile_banking"),
        ("Internet Banking", "internet_banking"),
        ("POS", "pos"),
        ("e-commerce", "ecommerce"),
        ("banking", ""),  # two are as near
        ("fax", ""),
    ],
)
def test_the_closest_word_is_suggested(word: str, meant: str) -> None:
    """The caller need not search the documentation."""
    hint = f"; did you mean {meant}?" if meant else ""

    assert message("channel", word) == f"must be one of: {', '.join(Channel)}{hint}"


@pytest.mark.parametrize("value", [SECRET, "6200123456789"])
def test_a_validator_that_quotes_its_value_is_not_passed_on(value: str) -> None:
    """Responses are written to logs."""
    assert told(Chosen, note=value) == {"note": "is not valid"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("sender_id", "Thabo Nkosi", "1 to 64 letters, digits and ._:@+=-"),
        ("receiver_id", "FNB/123", "1 to 64 letters, digits and ._:@+=-"),
        ("receiver_id", "GB82 WEST 1234", "1 to 64 letters, digits and ._:@+=-"),
        ("device_id", "é", "1 to 64 letters, digits and ._:@+=-"),
        ("id", "", "1 to 64 letters, digits and ._:@+=-"),
        ("receiver_country", "South Africa", "two capital letters of a country"),
        ("receiver_country", "za", "like ZA"),
        ("merchant_category", "a\nb", "without control characters"),
        ("merchant_category", "", "1 to 64 characters"),
        ("merchant_category", "a\u202eb", "without control characters"),
        ("amount_zar", "d", "digits with at most two decimals"),
    ],
)
def test_the_message_for_a_wrong_form_is_in_words(name: str, value: str, words: str) -> None:
    """Analysts do not read regular expressions."""
    text = message(name, value)

    assert words in text
    assert "^" not in text
    assert not value or len(value) < 4 or value not in text


@pytest.mark.parametrize(
    "category",
    [
        "Men's clothing",
        "5411",
        "Café & Bäckerei",
        "Ukutya (iMarike)",
        "食料品",
        "ملابس",
        "#1+%",
        "-",
    ],
)
def test_a_category_may_be_words_of_any_script(category: str) -> None:
    """Merchant categories are written in many languages."""
    assert document({**GOOD, "merchant_category": category}).merchant_category == category


def test_the_path_of_a_violation_begins_with_the_part() -> None:
    """Query and body may have a field of the same name."""
    with pytest.raises(ValidationError) as refused:
        Chosen.model_validate({"plain": "eff"})

    (violation,) = violations_of(refused.value, "query")

    assert violation == Violation("query.plain", "must be one of: card, eft; did you mean eft?")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("flag", "perhaps", "must be true or false"),
        ("count", "many", "must be a whole number"),
        ("count", "0", "must be greater than or equal to 1"),
        ("texts", "one", "must be a list"),
        ("note", "", "must have at least 1 character"),
    ],
)
def test_a_message_says_what_the_value_must_be(field: str, value: object, expected: str) -> None:
    """Settings, queries and bodies have the same words."""
    assert told(Plain, **{field: value}) == {field: expected}
