"""risksentinel rules performance: the performance of the rules on a terminal."""

from pathlib import Path

from click.testing import CliRunner

from risksentinel.cli.main import risksentinel
from risksentinel.embedded.engine import running
from risksentinel.settings import Settings


def test_the_performance_of_each_rule_is_one_line(tmp_path: Path) -> None:
    """Silent rules are named; no payment was decided, so nothing is silent yet."""
    with running(Settings(risksentinel_home=tmp_path)):
        pass

    result = CliRunner().invoke(
        risksentinel, ["rules", "performance"], env={"RISKSENTINEL_HOME": str(tmp_path)}
    )

    assert result.exit_code == 0, result.output
    heading, *lines, last = result.stdout.splitlines()
    assert heading.split() == [
        *("fired", "share", "alerts", "alone", "fraud", "genuine", "precision", "rule")
    ]
    assert len(lines) > 20
    assert last == "0 payments in 28 days"
