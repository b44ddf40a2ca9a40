"""Precision and recall per rule, on the generator's payments."""

import pytest

from ml.feature_docs import PAGE
from ml.rule_metrics import RuleMetrics, rule_metrics, with_tables
from ml.typologies import TYPOLOGIES, TYPOLOGY_OF_RULE
from risksentinel.rules.defaults import DEFAULT_RULES

# Rules of a reporting duty, and of lists that a bank fills: no typology tests them.
UNTESTED = {
    "za-cash-threshold",
    "za-cross-border",
    "za-block-list",
    "za-mule-list",
    "za-allow-list",
}


@pytest.fixture(scope="module")
def now() -> RuleMetrics:
    """Measure once for all tests: this takes some seconds."""
    return rule_metrics()


def test_the_page_has_the_figures_of_the_code(now: RuleMetrics) -> None:
    """Run `python -m ml.rule_metrics` after a change of a rule or of a typology."""
    page = PAGE.read_text()

    assert with_tables(page, now) == page


def test_every_rule_has_a_typology_or_needs_none() -> None:
    """A new rule is tested on the fraud that it looks for."""
    assert set(DEFAULT_RULES) == set(TYPOLOGY_OF_RULE) | UNTESTED
    assert set(TYPOLOGY_OF_RULE.values()) <= set(TYPOLOGIES)


def test_every_rule_finds_frauds_of_its_typology(now: RuleMetrics) -> None:
    """A rule without a find is useless, or its typology is generated wrongly."""
    found = {row["name"]: row["found"] for row in now.grounds if row["typology"] is not None}

    assert len(found) == len(TYPOLOGY_OF_RULE)
    assert [name for name, cases in found.items() if not cases] == []
