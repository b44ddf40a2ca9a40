"""risksentinel rules try: its words and its exit codes."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from risksentinel.assembly.container import Container
from risksentinel.cli.rules import rules
from risksentinel.errors import Malformed, NotFound
from risksentinel.settings import Settings
from tests.functions.caller import LARGE, PAYMENT, RULE, TRANSACTIONS, caller, said
from tests.seeded import seeded

AT: Final = "2026-05-01T12:00:00Z"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with two decisions."""
    settings = seeded(tmp_path)
    container = Container(settings)
    api = caller(container)
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1", "occurred_at": AT}), 201)
    said(api.post(TRANSACTIONS, json={**LARGE, "id": "p-2", "occurred_at": AT}), 201)
    container.close()
    return settings


def tried(settings: Settings, rule: dict[str, Any], *arguments: str) -> Result:
    """Run the command with a file of the rule."""
    file = settings.risksentinel_home / "rule.json"
    file.write_text(json.dumps(rule))
    home = {"RISKSENTINEL_HOME": str(settings.risksentinel_home), "LOG_LEVEL": "error"}
    return CliRunner().invoke(rules, ["try", str(file), *arguments], env=home)


def test_the_figures_and_the_examples_are_printed(settings: Settings) -> None:
    """A rule under review in a file is tried before it is written."""
    found = tried(settings, RULE, "--since", "2026-04-01T00:00:00Z")

    assert found.exit_code == 0, found.output
    assert "payments looked at   2\n" in found.output
    assert "fired                2 (100.0000%), R750,120.00\n" in found.output
    assert "precision            unknown: no label\n" in found.output
    assert f"  p-1  {AT}  R120.00  pos  review  high  -\n" in found.output


def test_one_payment_is_printed_step_by_step(settings: Settings) -> None:
    """Each line has the result of one part of the condition."""
    parts = [RULE["condition"], {"field": "device_id", "operator": "eq", "value": "D"}]
    rule = {**RULE, "condition": {"any": [{"not": {"all": parts}}]}}

    found = tried(settings, rule, "--transaction", "p-1")

    assert found.output.splitlines() == [
        "p-1: the rule does not fire (unknown)",
        "  unknown any",
        "    unknown not",
        "      unknown all",
        '        true    amount_zar gt "100.00", and it is "120.00"',
        '        unknown device_id eq "D", and it is null',
    ]


def test_what_is_wrong_is_named(settings: Settings) -> None:
    """An invalid rule, an unknown payment, and a time that is none."""
    invalid = tried(settings, {**RULE, "weight": 7})
    unknown = tried(settings, RULE, "--transaction", "nothing")
    no_time = tried(settings, RULE, "--since", "yesterday")

    assert isinstance(invalid.exception, Malformed)
    assert isinstance(unknown.exception, NotFound)
    assert (no_time.exit_code, "--since" in no_time.output) == (2, True)
