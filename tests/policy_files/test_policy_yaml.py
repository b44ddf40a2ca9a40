"""A policy as a YAML file: exported and imported it is the same, and a damaged file is refused."""

from datetime import UTC, datetime
from typing import Final

import pytest
import yaml
from hypothesis import given

from risksentinel.errors import Malformed
from risksentinel.policy_files.policy_yaml import MAX_BYTES, from_yaml, to_yaml
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import PolicyContents, contents_document, contents_of
from risksentinel.scoring.policy_diff import is_same
from tests.scoring.test_policy_contents import RULES
from tests.strategies import policies

AT: Final = datetime(2025, 3, 1, tzinfo=UTC)


@given(policies())
def test_an_exported_policy_is_imported_unchanged(settings: Policy) -> None:
    """What was reviewed in version control is what decides."""
    contents = contents_document(PolicyContents(settings, RULES, "promoted"))
    found = contents_document(contents_of(from_yaml(to_yaml(contents).encode()), AT))
    assert is_same(found, contents)


def test_the_order_of_a_file_does_not_depend_on_the_order_of_the_rules() -> None:
    """A difference between two files is a difference between two policies."""
    contents = contents_document(PolicyContents(Policy(), RULES, "promoted"))
    assert to_yaml({**contents, "rules": contents["rules"][::-1]}) == to_yaml(contents)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"settings: {}\nsettings: {}\n", "line 2: the key 'settings' is there twice"),
        (b"a: &x [1]\nb: *x\n", "line 2: aliases are not allowed"),
        (b"a: 2026-01-01\n", "line 1: a timestamp is not allowed: put it in quotes"),
        (b"1: a\n", "line 1: a key must be text"),
        (b"a: !!python/object:os.system {}\n", "could not determine a constructor"),
        (b"- a\n", "has the members settings, rules and model"),
        (b"a: [\n", "line 2: "),
        (b"\xff\xfe\xff", "UTF-8|special characters|no YAML"),
        (b"[" * 5_000, "too many levels|line 1"),
        (b" " * (MAX_BYTES + 1), "has at most"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_with_its_line(body: bytes, why: str) -> None:
    """An author finds the place; no file takes more memory than its size."""
    with pytest.raises(Malformed, match=why):
        from_yaml(body)


def test_numbers_of_a_policy_are_written_exactly() -> None:
    """Rand and scores are text, so that no reader rounds them."""
    written = yaml.safe_load(
        to_yaml(contents_document(PolicyContents(Policy(), RULES, "promoted")))
    )
    assert written["settings"]["high"] == "0.7"
