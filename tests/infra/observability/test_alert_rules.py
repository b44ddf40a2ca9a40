"""promtool plays a healthy day, on which no alert fires, and the fault of each alert."""

import subprocess
from pathlib import Path
from typing import Final

import pytest
import yaml

from infra.devstack.servers.programs import promtool
from tests.infra.observability.named_series import named_series
from tests.infra.observability.series import exported
from tests.infra.observability.test_observability import PROMETHEUS_S_OWN, RULES, SCRAPED, rules

PLAYED: Final = sorted(Path(__file__).with_name("alerts").glob("*.yml"))
NAMES: Final = sorted(str(rule["alert"]) for rule in rules())


def test_promtool_accepts_the_rules() -> None:
    """Prometheus refuses its whole configuration for one wrong rule."""
    command = [promtool(), "check", "rules", "--lint=all", "--lint-fatal", str(RULES)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own file

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("played", PLAYED, ids=lambda path: str(path.stem))
def test_an_alert_fires_on_its_fault_and_on_nothing_else(played: Path) -> None:
    """Each alert fires on its fault only; operators disable alerts that fire without a fault."""
    command = [promtool(), "test", "rules", played.name]

    done = subprocess.run(command, cwd=played.parent, capture_output=True, text=True, check=False)  # noqa: S603 - our own files

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_fault_of_each_rule_is_played() -> None:
    """Each rule has a file with its fault, in which the alert is expected to fire."""
    assert [path.stem for path in PLAYED] == [*NAMES, "healthy_day"]
    for path in PLAYED[:-1]:
        assert f'alertname="{path.stem}", alertstate="firing"' in path.read_text()


def test_the_healthy_day_checks_all_alerts_over_the_whole_day() -> None:
    """The healthy day is checked as a whole, because an alert may fire at night and end again."""
    (day,) = yaml.safe_load(PLAYED[-1].read_text())["tests"]

    whole = day["promql_expr_test"][0]

    assert whole["expr"] == (
        'count by (alertname) (count_over_time(ALERTS{alertstate="firing"}[1d]))'
    )
    assert whole["eval_time"] == "1439m"
    assert "exp_samples" not in whole


def test_the_healthy_day_has_every_series_of_the_rules() -> None:
    """The healthy day has every series of the rules: without its series a rule never fires."""
    (day,) = yaml.safe_load(PLAYED[-1].read_text())["tests"]
    asked_for = {name for rule in rules() for name in named_series(rule["expr"]).metrics}

    shown = {name for each in day["input_series"] for name in named_series(each["series"]).metrics}

    assert asked_for <= shown


@pytest.mark.parametrize("played", PLAYED, ids=lambda path: str(path.stem))
def test_the_played_series_are_those_exported(played: Path) -> None:
    """The played series have the labels of the exported ones, or the result would mean nothing."""
    known = {name: labels for series in exported().values() for name, labels in series.items()}

    for test in yaml.safe_load(played.read_text())["tests"]:
        for each in test["input_series"]:
            ((name, labels),) = named_series(each["series"]).metrics.items()
            if name in PROMETHEUS_S_OWN:
                assert labels == PROMETHEUS_S_OWN[name]
            elif (
                name == "risksentinel_dead_letters"
            ):  # a source exports the topic, a function its name
                assert labels - SCRAPED in ({"group", "topic"}, {"function"})
            else:
                assert labels == known[name] | SCRAPED, name
