import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.scoring.escalations import ESCALATIONS

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGES: Final = sorted(set((DOCS / "typologies").glob("*.md")) - {DOCS / "typologies/README.md"})
ROW: Final = re.compile(
    r"^\| `(?P<id>[a-z0-9-]+)` \| (?P<name>[^|]+) \| (?P<action>\w+) \|", re.MULTILINE
)
CODE: Final = re.compile(r"`([a-z]+(?:[_-][a-z0-9]+)+)`")
STARTS: Final = {name.split("_")[0] for name in ESCALATIONS}
COUNTED: Final = re.compile(r"count_[0-9]|_senders|beneficiaries_")
HEADINGS: Final = ["Pattern", "What looks for it", "Source", "False alarms"]


def told() -> list[tuple[Path, re.Match[str]]]:
    """Return each table row of a rule with its page."""
    return [(page, row) for page in PAGES for row in ROW.finditer(page.read_text())]


def figures(condition: dict[str, Any]) -> set[str]:
    """Return amounts and counts of a condition as written in text: R50,000, R49,999.99, 5."""
    parts = [*condition.get("all", ()), *condition.get("any", ())]
    if parts:
        return set().union(*map(figures, parts))
    field, value = condition["field"], condition["value"]
    several = value if isinstance(value, list) else [value]
    if "zar" in field:
        rand = [Decimal(each) for each in several]
        return {f"R{each:,.0f}" if each == each.to_integral() else f"R{each:,.2f}" for each in rand}
    return {str(each) for each in several} if COUNTED.search(field) else set()


def test_each_default_rule_is_on_one_page() -> None:
    """An analyst finds the reason of a rule in one place."""
    rows = Counter(row["id"] for _, row in told())

    assert rows == dict.fromkeys(DEFAULT_RULES, 1)


def test_a_page_has_the_name_and_action_of_the_rule() -> None:
    """The page of a changed rule must be updated."""
    for _, row in told():
        rule = DEFAULT_RULES[row["id"]]
        assert (row["name"], row["action"]) == (rule["name"], rule["action"]), row["id"]


@pytest.mark.parametrize("rule_id", DEFAULT_RULES)
def test_a_page_has_the_figures_of_its_rules(rule_id: str) -> None:
    """The page must have the thresholds of the code."""
    row = next(row for _, row in told() if row["id"] == rule_id)
    line = row.string[row.start() :].partition("\n")[0]

    missing = {
        figure
        for figure in figures(DEFAULT_RULES[rule_id]["condition"])
        if not re.search(r"(?<![0-9,.R])" + figure + r"(?![0-9]|[,.][0-9])", line)
    }
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_pattern_rules_source_and_false_alarms(page: Path) -> None:
    """Each rule needs a source and its false alarms."""
    assert re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE) == HEADINGS
    index = (DOCS / "typologies/README.md").read_text()
    assert index.count(f"({page.name})") == 1


def test_pages_name_only_rules_and_escalations_that_exist() -> None:
    """Pages must not name rules that were renamed."""
    for page in (*PAGES, DOCS / "decisions.md"):
        names = {each for each in CODE.findall(page.read_text()) if each.startswith("za-")}
        assert names <= DEFAULT_RULES.keys(), page.name
        raised = {each for each in CODE.findall(page.read_text()) if each.split("_")[0] in STARTS}
        assert raised <= ESCALATIONS.keys() | {"amount_zar"}, page.name


def test_every_escalation_is_explained() -> None:
    """The reason of each threshold is on one page."""
    text = (DOCS / "decisions.md").read_text()

    assert all(f"`{name}`" in text for name in ESCALATIONS)
