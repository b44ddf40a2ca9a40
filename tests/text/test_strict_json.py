import json
import math
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.errors import Malformed, Violation
from risksentinel.text import strict_json
from risksentinel.text.characters import FORBIDDEN_MESSAGE
from risksentinel.text.strict_json import MAX_DEPTH, Unreadable, decode, encode
from tests.timing import assert_within, in_time

ACCOUNT = "ZA29ABSA00000012345678"

numbers = st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
scalars = st.none() | st.booleans() | st.integers(-(10**60), 10**60) | numbers | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20
)


class Colour(StrEnum):
    """An enumeration of RiskSentinel."""

    RED = "red"


@given(st.binary() | texts.map(str.encode) | values.map(encode))
@example(b'{"a":')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    """Input from outside must never cause an internal error."""
    with suppress(Malformed):
        assert encode(decode(body))


@given(values)
def test_decode_reverses_encode(value: object) -> None:
    """A consumer must decode the value that the producer encoded."""
    assert decode(encode(value)) == value


@given(values)
def test_encoded_values_are_standard_json(value: object) -> None:
    """Other JSON parsers must read the responses."""
    body = encode(value)

    assert json.loads(body, parse_float=Decimal) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"{} {}",
        b"[1,]",
        b"{'a':1}",
        b"NaN",
        b"[-Infinity]",
        b"01",
        b'"\x00"',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_bytes_that_are_not_json_are_unreadable(body: bytes) -> None:
    """HTTP distinguishes a body that is not JSON (400) from JSON with violations (422)."""
    with pytest.raises(Unreadable):
        decode(body)


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        (b'{"a":1,"a":2}', Violation("a", "is given twice")),
        (b'{"a":{"b":1,"b":1}}', Violation("b", "is given twice")),
        (b'{"a":[{"b":"x\\u0000"}]}', Violation("a[0].b", FORBIDDEN_MESSAGE)),
        (b'["\\ud800"]', Violation("[0]", FORBIDDEN_MESSAGE)),
        (b'{"\\u0000":1}', Violation("?", FORBIDDEN_MESSAGE)),
        (b"1" * 65, Violation("", "a number has too many digits")),
        (b"1" * 10_000, Violation("", "a number has too many digits")),
        (b"0." + b"1" * 10_000, Violation("", "a number has too many digits")),
        (b"1e401", Violation("", "a number has too large an exponent")),
        (b"1E-99999999999", Violation("", "a number has too large an exponent")),
    ],
)
def test_ambiguous_or_harmful_json_is_refused(body: bytes, violation: Violation) -> None:
    """Two parsers must read the same payment, and no number may exhaust memory."""
    with pytest.raises(Malformed) as caught:
        decode(body)

    assert caught.value.violations == (violation,)
    assert not isinstance(caught.value, Unreadable)


@in_time
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 33 + b"]" * 33,
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        b"[" + b"[]," * 40 + b"[" * 32 + b"]" * 33,
    ],
)
def test_deep_nesting_is_refused_at_once(body: bytes) -> None:
    """A few bytes of brackets must not overflow the stack or take a second."""
    began = time.perf_counter()

    with pytest.raises(Malformed, match="nested deeper than 32"):
        decode(body)

    assert_within(time.perf_counter() - began, 0.5)


@in_time
def test_a_great_many_repeated_names_are_refused_at_once() -> None:
    """The search for duplicate keys must not take quadratic time."""
    body = b"{" + b",".join(b'"k%d":1' % number for number in range(100_000)) + b',"k0":1}'
    began = time.perf_counter()

    with pytest.raises(Malformed, match="not have more than 1,000 members"):
        decode(body)

    assert_within(time.perf_counter() - began, 1)


def test_the_maximum_depth_is_decoded() -> None:
    """The limit itself is allowed."""
    nested = decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)

    assert isinstance(nested, list)


def test_numbers_are_exact() -> None:
    """A float would lose cents of large amounts."""
    value = decode(b'{"amount":0.1,"large":9999999999999999.99,"count":3,"power":1e2}')

    assert value == {
        "amount": Decimal("0.1"),
        "large": Decimal("9999999999999999.99"),
        "count": 3,
        "power": Decimal(100),
    }
    assert isinstance(value["count"], int)


@pytest.mark.parametrize(
    "body",
    [
        f'{{"{ACCOUNT}":1,"{ACCOUNT}":2}}',
        f'{{"a":{{"{ACCOUNT}":"\\u0000"}}}}',
        f'{{"a":"{ACCOUNT}',
        f"{ACCOUNT}",
        f'{{"sender_id":"{ACCOUNT}",}}',
    ],
)
def test_a_message_does_not_repeat_the_input(body: str) -> None:
    """Errors and logs must not contain account numbers."""
    with pytest.raises(Malformed) as caught:
        decode(body.encode())

    assert ACCOUNT not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.7312"), "0.7312"),
        (Decimal("0.7000"), "0.7000"),
        (Decimal("9999999999999999.99"), "9999999999999999.99"),
        (Decimal("1E+3"), "1E+3"),
        (datetime(2026, 5, 1, 8, 30, tzinfo=UTC), '"2026-05-01T08:30:00Z"'),
        (
            datetime(2026, 5, 1, 8, 30, 0, 5, tzinfo=timezone(timedelta(hours=2))),
            '"2026-05-01T06:30:00.000005Z"',
        ),
        (Colour.RED, '"red"'),
        ((1, None, True, False), "[1,null,true,false]"),
        (MappingProxyType({"é": "ü\n"}), '{"é":"ü\\n"}'),
        ({Colour.RED: 0.5}, '{"red":0.5}'),
    ],
)
def test_values_are_encoded_exactly(value: object, text: str) -> None:
    """A score in a response must equal the score in the ledger, to the last digit."""
    assert encode(value).decode() == text


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, Decimal("NaN"), Decimal("-Infinity"), datetime(2026, 5, 1), "\ud800"],  # noqa: DTZ001  # the point
)
def test_values_that_json_cannot_represent_are_refused(value: object) -> None:
    """A response that strict parsers refuse must not be sent."""
    with pytest.raises(ValueError, match=r"."):
        encode([value])


@pytest.mark.parametrize("value", [object(), {1: 2}, {b"a": 1}, b"bytes", {1, 2}])
def test_types_that_json_does_not_have_are_refused(value: object) -> None:
    """A value of an unexpected type must be an error, not a guess."""
    with pytest.raises(TypeError):
        encode(value)


def test_a_path_contains_fields_but_no_data() -> None:
    """The path must show a misspelt field, but not an account number that is used as a field."""
    assert strict_json.inside("items[3]", "amount_zar") == "items[3].amount_zar"
    assert strict_json.inside("", 0) == "[0]"
    assert strict_json.inside("a", ACCOUNT) == "a.?"
