import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.rules.pattern import finder
from tests.rules.conditions import PATTERNS


@given(st.sampled_from(PATTERNS[:6]), st.text(st.sampled_from("abcxAB01 "), max_size=12))
def test_finds_the_matches_of_the_standard_search(pattern: str, text: str) -> None:
    """A pattern matches anywhere in the text, as in re.search."""
    found = finder(pattern)(text)

    assert found == (re.search(pattern, text) is not None)


def test_a_pattern_that_explodes_elsewhere_answers_at_once() -> None:
    """A rule with nested repetition must not delay payments."""
    find = finder("(a+)+$")

    assert not find("a" * 100_000 + "b")


@pytest.mark.parametrize("text", ["\ud800", "\x00", "", "é" * 1000])
def test_looks_at_any_text_without_failing(text: str) -> None:
    """Texts of payments are input from outside."""
    find = finder("never")

    assert not find(text)
