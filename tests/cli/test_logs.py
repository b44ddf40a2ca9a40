import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.assembly.container import Container
from risksentinel.cli.main import risksentinel
from risksentinel.migrations.migrate import migrate
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.settings import Settings
from tests.functions.caller import LARGE

SENDER = "ZA290000000012345678"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A migrated database of its own."""
    settings = Settings(risksentinel_home=tmp_path)
    migrate(settings.database)
    return settings


def run(settings: Settings, *arguments: str) -> Result:
    """What the command does with these arguments, at a level where everything is logged."""
    environ = {
        "RISKSENTINEL_HOME": str(settings.risksentinel_home),
        "ALERT_THRESHOLD": "0.0001",
        "LOG_LEVEL": "debug",
    }
    return CliRunner().invoke(risksentinel, arguments, env=environ, catch_exceptions=False)


def test_no_log_gets_into_what_a_command_answers(settings: Settings) -> None:
    """A script reads the answer, and a log may come at any moment."""
    container = Container(settings)
    container.write_rule.create(DEFAULT_RULES["za-night-burst"], "thandi")
    container.close()

    result = run(settings, "seed")

    assert result.stdout == f"{len(DEFAULT_RULES) - 1} default rules written\n"
    assert "seed.rule_skipped" in result.stderr


def test_an_import_prints_only_its_report_to_standard_output(
    settings: Settings, tmp_path: Path
) -> None:
    """The engine that runs inside it logs each alert that it hands on."""
    payment = {**LARGE, "id": "tx-1", "sender_id": SENDER, "occurred_at": "2026-05-01T08:30:00Z"}
    file = tmp_path / "payments.jsonl"
    file.write_text(json.dumps(payment) + "\n")

    result = run(settings, "import", "--score", str(file))

    assert result.exit_code == 0, result.output
    assert "request_id" not in result.stdout
    assert "request_id" in result.stderr
    assert SENDER not in result.stdout + result.stderr
