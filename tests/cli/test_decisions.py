"""risksentinel decisions verify: its words and its exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.tables import risk_scores
from risksentinel.assembly.container import Container
from risksentinel.cli.decisions import decisions
from risksentinel.settings import Settings
from tests.functions.caller import LARGE, PAYMENT, TRANSACTIONS, caller, said
from tests.seeded import seeded


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A database with two decisions."""
    settings = seeded(tmp_path)
    container = Container(settings)
    api = caller(container)
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
    said(api.post(TRANSACTIONS, json={**LARGE, "id": "p-2"}), 201)
    container.close()
    return settings


def verify(settings: Settings, *arguments: str) -> Result:
    """Run the command."""
    home = {"RISKSENTINEL_HOME": str(settings.risksentinel_home), "LOG_LEVEL": "error"}
    return CliRunner().invoke(decisions, ["verify", *arguments], env=home)


def test_equal_decisions_exit_with_0(settings: Settings) -> None:
    """A nightly job needs the exit code only."""
    every, one = verify(settings, "--since", "1990-01-01T00:00:00Z"), verify(settings, "p-2")

    assert (every.exit_code, one.exit_code) == (0, 0), every.output + one.output
    assert "2 equal, 0 different, 0 not verifiable" in every.output
    assert "1 equal" in one.output


def test_a_forged_decision_exits_with_1_and_is_named(settings: Settings) -> None:
    """The auditor sees the payment, the member, and both values."""
    engine = open_engine(settings.database)
    with writing(engine) as connection:
        forged = update(risk_scores).where(risk_scores.c.transaction_id == "p-2")
        connection.execute(forged.values(decision="approve"))
    engine.dispose()

    done = verify(settings, "--since", "1990-01-01T00:00:00Z")

    assert done.exit_code == 1
    assert "p-2 differs:\n  row.decision: stored 'approve', computed 'review'" in done.output
    assert "1 equal, 1 different" in done.output


@pytest.mark.parametrize(
    "arguments", [(), ("p-1", "--since", "2026-05-01T00:00:00Z"), ("--since", "x")]
)
def test_a_wrong_command_exits_with_2(settings: Settings, arguments: tuple[str, ...]) -> None:
    """A mistake must not look like a difference."""
    assert verify(settings, *arguments).exit_code == 2
