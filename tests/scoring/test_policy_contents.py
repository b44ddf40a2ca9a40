"""Tests of PolicyContents: what decides is one document, from which the same value is read."""

from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given

from risksentinel.errors import Malformed
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import PolicyContents, contents_document, contents_of
from tests.strategies import policies

AT: Final = datetime(2025, 3, 1, tzinfo=UTC)
RULES: Final = ActiveRules(
    parse_rule(document, rule_id=name, version=1, created_at=AT, updated_at=AT)
    for name, document in DEFAULT_RULES.items()
)


@given(policies())
def test_the_document_has_everything_that_decides(settings: Policy) -> None:
    """A policy that is exported and imported decides as before."""
    contents = PolicyContents(settings, RULES, "promoted")
    document = contents_document(contents)
    assert contents_document(contents_of(document, AT)) == document


def test_all_violations_are_named_by_their_paths() -> None:
    """An author of a policy file gets every fault at once."""
    document = contents_document(PolicyContents(Policy(), RULES, None))
    document["rules"][2]["weight"] = 7
    document["settings"]["medium"] = "much"
    with pytest.raises(Malformed) as raised:
        contents_of(document, AT)
    assert [each.path for each in raised.value.violations] == ["settings.medium", "rules[2].weight"]
