"""The dashboard and the alert rules use exported series only, and each exported metric."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.infra.observability.named_series import NamedSeries, named_series
from tests.infra.observability.series import Families, exported

ROOT: Final = Path(__file__).parents[3]
RULES: Final = ROOT / "infra/observability/prometheus/rules.yml"
DASHBOARD: Final = ROOT / "infra/observability/grafana/risksentinel.json"
GUIDE: Final = ROOT / "docs/observability.md"
PROMETHEUS_S_OWN: Final = {"up": {"job", "instance"}}
SCRAPED: Final = {"job", "instance"}  # labels that Prometheus adds to every series
_VARIABLE: Final = re.compile(r"label_values\((.+), *(\w+)\)")


@pytest.fixture(scope="module")
def families() -> Families:
    """The exported series."""
    return exported()


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Every panel except the row titles."""
    found = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def expressions() -> Iterator[str]:
    """Every expression of the rules and the dashboard."""
    yield from (rule["expr"] for rule in rules())
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def variables() -> Iterator[NamedSeries]:
    """The series and labels of the dashboard's variables."""
    for variable in json.loads(DASHBOARD.read_text())["templating"]["list"]:
        if variable["type"] == "query":
            expression, label = _VARIABLE.fullmatch(variable["query"]).groups()  # type: ignore[union-attr]  # else it fails, as it should
            yield NamedSeries(named_series(expression).metrics, {label})


def test_every_metric_and_label_in_an_expression_is_exported(families: Families) -> None:
    """Every metric and label in an expression is exported: an alert on a wrong name never fires."""
    known = {name: labels for series in families.values() for name, labels in series.items()}
    known |= PROMETHEUS_S_OWN

    for found in [*map(named_series, expressions()), *variables()]:
        assert found.metrics.keys() <= known.keys()
        for name, labels in found.metrics.items():
            assert labels <= known[name] | SCRAPED, name
        grouped = set().union(*(known[name] for name in found.metrics)) | SCRAPED
        assert found.groups <= grouped, found


def test_every_exported_metric_is_shown_or_alerted_on(families: Families) -> None:
    """Each exported metric is used by a panel or an alert; otherwise it need not be exported."""
    looked_at = {name for expression in expressions() for name in named_series(expression).metrics}

    unseen = [name for name, series in families.items() if not looked_at & series.keys()]

    assert families.keys() >= {"risksentinel_decisions", "risksentinel_source_lag"}
    assert all(families.values())
    assert unseen == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_has_its_meaning_reason_and_action(rule: dict[str, Any]) -> None:
    """Each alert explains itself to an engineer who has never seen it, and the guide does too."""
    said = rule["annotations"]

    assert said.keys() == {"summary", "description", "reason", "runbook"}
    assert all(text.strip() for text in said.values())
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert f"### {rule['alert']}\n" in GUIDE.read_text()


def test_the_guide_explains_exactly_the_alerts() -> None:
    """The guide has a section for each alert and for no other."""
    explained = re.findall(r"^### (\w+)$", GUIDE.read_text(), re.MULTILINE)

    assert sorted(explained) == sorted(rule["alert"] for rule in rules())


def test_every_panel_has_a_description_and_no_two_overlap() -> None:
    """Each panel has a title and a description, and no two panels overlap."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }

        assert panel["title"]
        assert panel["description"]
        assert max(x for x, _ in cells) < 24
        assert not taken & cells, panel["title"]
        taken |= cells

    assert len({panel["id"] for panel in panels()}) == len(panels())
