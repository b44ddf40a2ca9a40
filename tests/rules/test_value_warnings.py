"""The warnings of values that never match: countries, blanks, unknown lists."""

from importlib.resources import files
from typing import Final

import pytest

from risksentinel.errors import Violation
from risksentinel.rules.countries import ASSIGNED, COUNTRIES, MISWRITTEN
from risksentinel.rules.warnings import warnings_of
from tests.rules.conditions import ALERTING, compare, rule_when, told

COUNTRY: Final = "receiver_country"


@pytest.mark.parametrize(
    ("written", "advice"),
    [("UK", "write 'GB'"), ("uk", "write 'GB'"), ("Nigeria", "two capital letters"), ("QQ", "two")],
)
def test_a_country_that_does_not_exist_has_a_warning(written: str, advice: str) -> None:
    """Payments have ISO 3166-1 codes: another text never matches."""
    messages = told(compare(COUNTRY, "in", ["ZA", written]))

    assert list(messages) == ["condition.value[1]"]
    assert repr(written) in messages["condition.value[1]"]
    assert advice in messages["condition.value[1]"]


def test_lower_case_in_an_exact_comparison_has_a_warning() -> None:
    """Without exact, `zw` and `ZW` are equal."""
    small = compare(COUNTRY, "in", ["zw"])

    assert told(small) == {}
    assert told({**small, "exact": True}) == {
        "condition.value[0]": "'zw' is no country code of ISO 3166-1 alpha-2; write 'ZW'"
    }


def test_the_countries_are_those_of_the_time_zone_database() -> None:
    """The database is updated with every release of tzdata."""
    lines = (files("tzdata.zoneinfo") / "iso3166.tab").read_text(encoding="utf-8").splitlines()

    assert {line.split("\t")[0] for line in lines if line[:1] not in {"", "#"}} == ASSIGNED
    assert not MISWRITTEN.keys() & COUNTRIES
    assert set(MISWRITTEN.values()) <= COUNTRIES


@pytest.mark.parametrize(
    ("operator", "value", "path"),
    [
        ("eq", "ZA-1001 ", "condition.value"),
        ("in", ["A", " B"], "condition.value[1]"),
        ("not_in", ["A "], "condition.value[0]"),
        ("starts_with", " ZA", "condition.value"),
        ("ends_with", "1 ", "condition.value"),
    ],
)
def test_blanks_at_an_end_of_an_exact_text_have_a_warning(
    operator: str, value: object, path: str
) -> None:
    """Blanks copied from a spreadsheet are not visible."""
    folding = compare("merchant_category", operator, value)

    messages = told({**folding, "exact": True})

    assert list(messages) == [path]
    assert "take the blanks away" in messages[path]
    assert told(folding) == {}


@pytest.mark.parametrize(
    ("operator", "value"),
    [("starts_with", "ZA "), ("ends_with", " 1"), ("contains", " x "), ("regex", " x ")],
)
def test_blanks_that_may_be_intended_have_no_warning(operator: str, value: str) -> None:
    """A blank between words is part of a text."""
    exact = {} if operator == "regex" else {"exact": True}

    assert told({**compare("merchant_category", operator, value), **exact}) == {}


def test_a_list_that_does_not_exist_has_a_warning() -> None:
    """The comparison is unknown until the list is created."""
    rule = rule_when(compare("receiver_id", "in_list", "mules"))

    missing = warnings_of(rule, ALERTING, {"mule", "block"})

    assert missing == (
        Violation(
            "condition.value",
            "there is no list 'mules', so the comparison is unknown; create the list, or name one "
            "of: block, mule",
        ),
    )
    assert warnings_of(rule, ALERTING, {"mules"}) == warnings_of(rule, ALERTING) == ()
