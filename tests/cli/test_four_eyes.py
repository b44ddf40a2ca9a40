"""Models and the policy under four eyes: proposed by a command, approved by another person."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from risksentinel.adapters.models.documents import written
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import decide_proposal
from risksentinel.cli import operator as operators
from risksentinel.cli.main import risksentinel
from risksentinel.embedded.engine import running
from risksentinel.errors import Conflict, Forbidden, Misconfigured
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from tests.adapters.models.forests import artefact

ON = {"AUTH": "keys"}
OFF: dict[str, str] = {}
CHANGED = {**ON, "RISK_SCORE_HIGH": "0.65"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of an embedded engine with two published models, the second one worse."""
    migrate(Settings(risksentinel_home=tmp_path).database)
    for version, auc in (("v1", 0.9), ("v2", 0.8)):
        of = artefact(version=version, metrics={"auc": auc})
        folder = tmp_path / "trained" / version
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(of.model)
        (folder / "manifest.json").write_bytes(written(of.manifest))
        assert run(tmp_path, OFF, "models", "publish", str(folder)).exit_code == 0
    return tmp_path


@pytest.fixture
def container(home: Path) -> Iterator[Container]:
    """The container on the database of the engine."""
    container = Container(Settings(risksentinel_home=home))
    yield container
    container.close()


def run(home: Path, environment: dict[str, str], *arguments: str) -> Result:
    """Run `risksentinel` with these arguments."""
    return CliRunner().invoke(
        risksentinel, arguments, env={"RISKSENTINEL_HOME": str(home), **environment}
    )


def audited(container: Container) -> list[tuple[str, dict[str, Any]]]:
    """The audit entries of models: action and details, in order."""
    query = select(audit_log).where(audit_log.c.subject_kind == "model").order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        return [(row.action, row.details) for row in connection.execute(query)]


def proposed(home: Path, *arguments: str) -> str:
    """The id of the proposal that the command makes."""
    result = run(home, ON, *arguments)
    assert result.exit_code == 0, result.exception
    return result.stdout.strip().rpartition(" ")[2]


def promoted(home: Path) -> str:
    """The promoted version, or what is printed without one."""
    marked = [line for line in run(home, ON, "models", "list").output.splitlines() if "* " in line]
    return marked[0].split()[1] if marked else "none"


def test_publishing_promotion_and_rollback_are_audited(home: Path, container: Container) -> None:
    """An operator with the storage's credentials could change the model without a trace."""
    run(home, OFF, "models", "promote", "v1")
    run(home, OFF, "models", "promote", "v2", "--force")
    run(home, OFF, "models", "rollback")

    entries = audited(container)
    assert [(action, each["version"]) for action, each in entries] == [
        ("model.published", "v1"),
        ("model.published", "v2"),
        ("model.promoted", "v1"),
        ("model.promoted", "v2"),
        ("model.rolled_back", "v1"),
    ]
    assert [each["forced"] for action, each in entries if action == "model.promoted"] == [
        False,
        True,
    ]
    assert all("model_sha256" in each or "manifest_sha256" in each for _, each in entries)


def test_a_forced_promotion_needs_another_person(home: Path, container: Container) -> None:
    """`--force` promotes a worse model; two people must want that."""
    proposal = proposed(home, "models", "promote", "v2", "--force")
    decide = decide_proposal(container)

    early = run(home, ON, "models", "promote", "--approved", proposal)
    assert isinstance(early.exception, Conflict)
    with pytest.raises(Forbidden):
        decide.approve(proposal, operators.operator())
    assert promoted(home) == "none"

    decide.approve(proposal, "sipho")
    assert promoted(home) == "none"
    assert run(home, ON, "models", "promote", "--approved", proposal).exit_code == 0
    assert promoted(home) == "v2"
    action, details = audited(container)[-1]
    assert (action, details["forced"], details["proposal"]) == ("model.promoted", True, proposal)
    again = run(home, ON, "models", "promote", "--approved", proposal)
    assert isinstance(again.exception, Conflict)


def test_a_rollback_needs_another_person(home: Path, container: Container) -> None:
    """A rollback chooses the model that scores, as a promotion does."""
    for words in (("v1",), ("v2", "--force")):
        run(home, OFF, "models", "promote", *words)
    proposal = proposed(home, "models", "rollback")
    assert promoted(home) == "v2"

    decide_proposal(container).approve(proposal, "sipho")
    assert run(home, ON, "models", "promote", "--approved", proposal).exit_code == 0

    assert promoted(home) == "v1"
    assert audited(container)[-1][0] == "model.rolled_back"


def test_an_approval_is_void_after_another_promotion(home: Path, container: Container) -> None:
    """The approver compared the version with the one that was promoted then."""
    proposal = proposed(home, "models", "promote", "v2", "--force")
    decide_proposal(container).approve(proposal, "sipho")
    run(home, OFF, "models", "promote", "v1")

    late = run(home, ON, "models", "promote", "--approved", proposal)

    assert isinstance(late.exception, Conflict)
    assert promoted(home) == "v1"


def test_a_worse_model_is_not_even_proposed_without_force(home: Path) -> None:
    """The errors of a promotion come at once, not after the approval."""
    run(home, OFF, "models", "promote", "v1")

    assert isinstance(run(home, ON, "models", "promote", "v2").exception, Conflict)


@pytest.mark.parametrize(
    "words", [[], ["v1", "--approved", "p-1"], ["--force", "--approved", "p-1"]]
)
def test_promote_takes_a_version_or_an_approval(home: Path, words: list[str]) -> None:
    """One of them would be ignored otherwise."""
    assert run(home, ON, "models", "promote", *words).exit_code == 2


def test_without_a_database_a_model_is_published_all_the_same(home: Path, tmp_path: Path) -> None:
    """Training on a laptop publishes to a folder before any engine has run there."""
    (home / "risksentinel.db").unlink()

    done = run(
        home,
        {"MODEL_URI": str(tmp_path / "other")},
        "models",
        "publish",
        str(home / "trained" / "v1"),
    )

    assert done.output == "published payments v1\n"


def test_an_engine_does_not_start_with_a_policy_without_approval(
    home: Path, container: Container
) -> None:
    """The message names the command; after the approval the engine starts."""
    settings = Settings.read({"RISKSENTINEL_HOME": str(home), **ON})
    changed = Settings.read({"RISKSENTINEL_HOME": str(home), **CHANGED})
    with running(settings):
        pass
    with pytest.raises(Misconfigured, match="risksentinel policy propose"), running(changed):
        pass

    printed = run(home, CHANGED, "policy", "propose")
    assert "RISK_SCORE_HIGH: 0.7 -> 0.65" in printed.stderr
    decide_proposal(container).approve(printed.stdout.strip(), "sipho")

    with running(changed):
        pass


def test_a_user_without_a_name_is_named_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image has no /etc/passwd entry for its user."""

    def nameless() -> str:
        raise OSError("no such user")

    monkeypatch.setattr("getpass.getuser", nameless)

    assert operators.operator().removeprefix("operator:").isdigit()
