"""risksentinel policy: versions of what decides, as files for review."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.cli.main import risksentinel
from risksentinel.embedded.engine import running
from risksentinel.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `risksentinel policy` on the database of an engine that ran once."""
    with running(Settings(risksentinel_home=tmp_path)):
        pass

    def invoke(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(
            risksentinel, ["policy", *arguments], env={"RISKSENTINEL_HOME": str(tmp_path)}
        )
        assert result.exit_code == code, result.output
        return result

    return invoke


def test_a_file_is_exported_changed_imported_promoted_and_rolled_back(
    run: Run, tmp_path: Path
) -> None:
    """The file can be reviewed in version control."""
    file = tmp_path / "policy.yaml"
    exported = run("export").stdout
    file.write_text(exported.replace("high: '0.7'", "high: '0.6'"))
    number = run("import", str(file), "--note", "lower").stdout.strip()
    assert run("diff", number).stdout == "RISK_SCORE_HIGH: 0.7 -> 0.6\n"
    assert run("promote", number).stdout == f"version {number} is live\n"
    assert run("export").stdout == file.read_text()

    run("rollback", "--reason", "too many alerts")

    assert run("export").stdout == exported
    assert f"{number}  rolled_back" in run("list").stdout


def test_a_rule_that_the_file_leaves_out_is_named_by_the_comparison(
    run: Run, tmp_path: Path
) -> None:
    """It would be stopped."""
    file = tmp_path / "policy.yaml"
    before, _, after = run("export").stdout.partition("- id: ")
    _, _, rest = after.partition("- id: ")
    file.write_text(f"{before}- id: {rest}")
    number = run("import", str(file)).stdout.strip()
    assert " removed: " in run("diff", number).stdout


def test_a_wrong_number_is_refused(run: Run) -> None:
    """With what to write."""
    assert "must be the number of a version, or live" in run("export", "x", code=2).output
    assert "there is no version 99" in str(run("export", "99", code=1).exception)
