import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import write_rule
from risksentinel.cli.main import risksentinel
from risksentinel.migrations.migrate import migrate
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.settings import Settings
from tests.functions.caller import LARGE

SENDER = "ZA290000000012345678"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A migrated database."""
    settings = Settings(risksentinel_home=tmp_path)
    migrate(settings.database)
    return settings


def run(settings: Settings, *arguments: str) -> Result:
    """Run the command with these arguments and with every log level enabled."""
    environ = {
        "RISKSENTINEL_HOME": str(settings.risksentinel_home),
        "ALERT_THRESHOLD": "0.0001",
        "LOG_LEVEL": "debug",
    }
    return CliRunner().invoke(risksentinel, arguments, env=environ, catch_exceptions=False)


def test_logs_stay_out_of_the_output_of_a_command(settings: Settings) -> None:
    """Scripts parse standard output, and a log line can occur at any time."""
    container = Container(settings)
    write_rule(container).create(DEFAULT_RULES["za-night-burst"], "thandi")
    container.close()

    result = run(settings, "seed")

    assert result.stdout == f"{len(DEFAULT_RULES) - 1} default rules written\n"
    assert "seed.rule_skipped" in result.stderr


def test_an_import_prints_only_its_report_to_standard_output(
    settings: Settings, tmp_path: Path
) -> None:
    """The engine in the process logs each alert; these lines go to standard error."""
    payment = {**LARGE, "id": "tx-1", "sender_id": SENDER, "occurred_at": "2026-05-01T08:30:00Z"}
    file = tmp_path / "payments.jsonl"
    file.write_text(json.dumps(payment) + "\n")

    result = run(settings, "import", "--score", str(file))

    assert result.exit_code == 0, result.output
    assert "request_id" not in result.stdout
    assert "request_id" in result.stderr
    assert SENDER not in result.stdout + result.stderr
