from decimal import Decimal

import pytest

from risksentinel.errors import Malformed
from risksentinel.rules.comparison import read_comparison
from tests.rules.conditions import compare

REFUSED = [
    ("amount_zar", "gt", 0.1, ".value", "exact"),
    ("amount_zar", "gt", True, ".value", "exact"),
    ("amount_zar", "gt", None, ".value", "exact"),
    ("amount_zar", "gt", "1e9", ".value", "digits"),
    ("amount_zar", "gt", " 1", ".value", "digits"),
    ("amount_zar", "gt", "\u0661", ".value", "digits"),
    ("amount_zar", "gt", -1, ".value", "between"),
    ("amount_zar", "gt", 10**4000, ".value", "between"),
    ("amount_zar", "gt", Decimal("0.001"), ".value", "two decimals"),
    ("amount_zar", "gt", Decimal("NaN"), ".value", "between"),
    ("amount_zar", "gt", Decimal("1E+999999"), ".value", "between"),
    ("amount_zar", "gt", Decimal("1E-999999"), ".value", "two decimals"),
    ("anomaly.z", "gt", "3", ".value", "number"),
    ("anomaly.z", "gt", False, ".value", "number"),
    ("anomaly.z", "gt", Decimal("sNaN"), ".value", "between"),
    ("anomaly.z", "gt", float("inf"), ".value", "between"),
    ("anomaly.z", "gt", 10**4000, ".value", "between"),
    ("velocity.count", "gt", Decimal("2.5"), ".value", "whole"),
    ("velocity.count", "gt", "2", ".value", "number"),
    ("local_hour", "lt", 24, ".value", "between 0 and 23"),
    ("local_weekday", "eq", 0, ".value", "between 1 and 7"),
    ("local_day_of_month", "in", [31, 32], ".value[1]", "between 1 and 31"),
    ("channel", "eq", "carrier_pigeon", ".value", "must be one of: mobile_banking"),
    ("channel", "in", ["atm", "moon"], ".value[1]", "must be one of"),
    ("is_night", "eq", 1, ".value", "true or false"),
    ("rail", "exists", "yes", ".value", "true or false"),
    ("sender_id", "eq", "", ".value", "1 to 512"),
    ("sender_id", "eq", "a" * 513, ".value", "1 to 512"),
    ("sender_id", "eq", "a\x00b", ".value", "control"),
    ("sender_id", "contains", "a\nb", ".value", "control"),
    ("sender_id", "contains", "\ud800", ".value", "unpaired surrogate"),
    ("sender_id", "in", [], ".value", "1 to 1000"),
    ("sender_id", "in", "abc", ".value", "1 to 1000"),
    ("sender_id", "in", [str(n) for n in range(1001)], ".value", "1 to 1000"),
    ("amount_zar", "in", [1, "2.00", "1.00"], ".value[2]", "must not repeat [0]"),
    ("amount_zar", "between", [1], ".value", "two values"),
    ("amount_zar", "between", [1, "x"], ".value[1]", "digits"),
    ("amount_zar", "between", [2, 1], ".value[1]", "must not be less than [0]"),
    ("sender_id", "regex", "(", ".value", "RE2 pattern: missing )"),
    ("sender_id", "regex", "(?=a)", ".value", "RE2 pattern"),
    ("sender_id", "regex", "a" * 513, ".value", "1 to 512"),
    ("sender_id", "regex", r"\pL{1000}", ".value", "too large"),
    ("sender_id", "regex", r"[\pL\pN]+ " * 20, ".value", "too large"),
]


@pytest.mark.parametrize(("field", "operator", "value", "path", "words"), REFUSED)
def test_refuses_values_that_cannot_be_compared(
    field: str, operator: str, value: object, path: str, words: str
) -> None:
    """The violation has the path and says what to write instead."""
    with pytest.raises(Malformed) as refused:
        read_comparison(compare(field, operator, value))

    assert [violation.path for violation in refused.value.violations] == [path]
    assert words in refused.value.violations[0].message


ACCEPTED = [
    ("amount_zar", "gt", 50000, 50000),
    ("amount_zar", "gt", "50000", "50000"),
    ("amount_zar", "gt", Decimal("49999.9"), "49999.90"),
    ("amount_zar", "gt", Decimal("50000.00"), 50000),
    ("amount_zar", "gt", "9999999999999999.99", "9999999999999999.99"),
    ("anomaly.z", "gte", Decimal("2.5"), 2.5),
    ("anomaly.z", "gte", 3, 3),
    ("velocity.count", "gte", Decimal("4.0"), 4),
    ("local_hour", "between", [0, 23], [0, 23]),
    ("channel", "starts_with", "mobile", "mobile"),
    ("rail", "in", ("eft", "rtc"), ["eft", "rtc"]),
    ("sender_id", "in", [str(n) for n in range(1000)], [str(n) for n in range(1000)]),
]


@pytest.mark.parametrize(("field", "operator", "value", "kept"), ACCEPTED)
def test_keeps_a_value_as_it_was_written_and_money_never_as_a_float(
    field: str, operator: str, value: object, kept: object
) -> None:
    """Analysts find their text unchanged, and money in stored JSON keeps its cents."""
    condition = read_comparison(compare(field, operator, value))

    assert condition.document["value"] == kept
    assert type(condition.document["value"]) is type(kept)
