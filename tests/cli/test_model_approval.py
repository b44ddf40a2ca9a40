"""Promotions and rollbacks are audited; with FOUR_EYES they need the approval of another person."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from risksentinel.adapters.models.documents import written
from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import decide_proposal
from risksentinel.cli import models
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.errors import Conflict, NotFound
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from tests.adapters.models.forests import artefact, publish

ANN = "operator:ann"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a database and three published versions, the first promoted."""
    monkeypatch.setattr(models, "operator", lambda: ANN)
    migrate(Settings(risksentinel_home=tmp_path).database)
    registry = open_registry(str(tmp_path))
    for version, auc in (("v1", 0.8), ("v2", 0.9), ("v3", 0.7)):
        publish(registry, artefact(version=version, metrics={"auc": auc}))
    registry.promote("payments", "v1")
    return tmp_path


def run(home: Path, *arguments: str, auth: str = "keys") -> Result:
    """Run the command with these arguments, by default with FOUR_EYES on."""
    environment = {"RISKSENTINEL_HOME": str(home), "AUTH": auth}
    return CliRunner().invoke(models.models, arguments, env=environment)


def proposed(home: Path, *arguments: str) -> str:
    """The id of the proposal that the command makes."""
    done = run(home, *arguments)
    assert done.exit_code == 0, done.exception
    return done.stdout.split()[-1]


def approve(home: Path, proposal: str, by: str = "bob") -> None:
    """Approve the proposal, as the API does."""
    settings = Settings(risksentinel_home=home, auth=frozenset({Method.KEYS}))
    container = Container(settings)
    try:
        decide_proposal(container).approve(proposal, by)
    finally:
        container.close()


def promoted(home: Path) -> str:
    """The promoted version."""
    pointer = open_registry(str(home)).promoted("payments")
    assert pointer is not None
    return pointer.version


def audited(home: Path) -> list[tuple[str, str, dict[str, Any]]]:
    """The audit entries of models: action, actor and details."""
    container = Container(Settings(risksentinel_home=home))
    query = select(audit_log).where(audit_log.c.subject_kind == "model").order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        rows = connection.execute(query).all()
    container.close()
    return [(row.action, row.actor, row.details) for row in rows]


def trained(home: Path, of: ModelArtefact) -> str:
    """A folder in the format of ml.train."""
    folder = home / "trained" / of.manifest.version
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(of.model)
    (folder / "manifest.json").write_bytes(written(of.manifest))
    return str(folder)


def test_each_change_of_a_model_is_audited(home: Path) -> None:
    """The audit log states who put which model into use, and whether by force."""
    run(home, "publish", trained(home, artefact(version="v4", metrics={"auc": 0.9})), auth="none")
    run(home, "promote", "v2", auth="none")
    run(home, "promote", "v3", "--force", auth="none")
    run(home, "rollback", auth="none")

    found = audited(home)
    assert [(action, actor, said["version"]) for action, actor, said in found] == [
        ("model.published", ANN, "v4"),
        ("model.promoted", ANN, "v2"),
        ("model.promoted", ANN, "v3"),
        ("model.rolled_back", ANN, "v2"),
    ]
    assert [said.get("forced", False) for _, _, said in found[1:]] == [False, True, False]
    assert all(len(said["manifest_sha256"]) == 64 for _, _, said in found[1:])


def test_a_promotion_waits_for_the_approval_of_another_person(home: Path) -> None:
    """One person with access to the bucket's credentials must not change the model alone."""
    proposal = proposed(home, "promote", "v2")
    before = promoted(home)
    too_early = run(home, "promote", "--approved", proposal)
    approve(home, proposal)
    at_approval = promoted(home)
    applied = run(home, "promote", "--approved", proposal)
    again = run(home, "promote", "--approved", proposal)

    assert isinstance(too_early.exception, Conflict)
    assert (before, at_approval) == ("v1", "v1")
    assert (applied.output, promoted(home)) == ("promoted payments v2\n", "v2")
    assert isinstance(again.exception, Conflict)
    ((action, actor, said),) = audited(home)
    assert (action, actor) == ("model.promoted", ANN)
    assert (said["proposed_by"], said["approved_by"], said["forced"]) == (ANN, "bob", False)


@pytest.mark.parametrize("same", [ANN, "ann", "key:ann"])
def test_the_proposer_cannot_approve_by_another_way(home: Path, same: str) -> None:
    """One name on the machine and in the API is one person."""
    proposal = proposed(home, "promote", "v2")

    with pytest.raises(Exception, match="another person"):
        approve(home, proposal, by=same)

    assert isinstance(run(home, "promote", "--approved", proposal).exception, Conflict)
    assert promoted(home) == "v1"


def test_a_worse_version_is_refused_before_it_is_proposed(home: Path) -> None:
    """With --force it is proposed, and the approver reads that it is forced."""
    refused = run(home, "promote", "v3")
    proposal = proposed(home, "promote", "v3", "--force")
    approve(home, proposal)
    run(home, "promote", "--approved", proposal)

    assert isinstance(refused.exception, Conflict)
    assert promoted(home) == "v3"
    assert audited(home)[-1][2]["forced"] is True


def test_a_rollback_is_proposed_too(home: Path) -> None:
    """A rollback changes the model that decides, as a promotion does."""
    open_registry(str(home)).promote("payments", "v2")
    proposal = proposed(home, "rollback")
    before = promoted(home)
    approve(home, proposal)
    run(home, "promote", "--approved", proposal)

    assert (before, promoted(home)) == ("v2", "v1")
    assert audited(home)[-1][:2] == ("model.rolled_back", ANN)
    assert isinstance(run(home, "rollback").exception, NotFound)


def test_an_approval_does_not_outlive_another_promotion(home: Path) -> None:
    """The approver compared the version with the one that was promoted then."""
    proposal = proposed(home, "promote", "v2")
    approve(home, proposal)
    open_registry(str(home)).promote("payments", "v3")

    refused = run(home, "promote", "--approved", proposal)

    assert isinstance(refused.exception, Conflict)
    assert (promoted(home), audited(home)) == ("v3", [])


def test_an_approval_is_for_one_manifest(home: Path) -> None:
    """A writer of the bucket must not exchange the weights of an approved version."""
    proposal = proposed(home, "promote", "v2")
    approve(home, proposal)
    other = artefact(version="v2", metrics={"auc": 0.9}, quantiles=(0.0, 1.0, 1.0, 1.0))
    (home / "models" / "payments" / "v2" / "manifest.json").write_bytes(written(other.manifest))

    refused = run(home, "promote", "--approved", proposal)

    assert isinstance(refused.exception, Conflict)
    assert (promoted(home), audited(home)) == ("v1", [])


def test_the_nightly_training_proposes_its_version(home: Path) -> None:
    """`publish --promote` must not be a way around the approval."""
    folder = trained(home, artefact(version="v4", metrics={"auc": 0.95}))

    done = run(home, "publish", folder, "--promote")

    assert (done.exit_code, promoted(home)) == (0, "v1")
    assert [action for action, _, _ in audited(home)] == ["model.published"]


@pytest.mark.parametrize("words", [[], ["v2", "--approved", "p"], ["--approved", "p", "--force"]])
def test_version_and_approved_exclude_each_other(home: Path, words: list[str]) -> None:
    """--approved applies the proposed version, as it was approved."""
    assert run(home, "promote", *words).exit_code == 2


def test_a_model_can_be_promoted_before_there_is_a_database(tmp_path: Path) -> None:
    """On a new machine a model is trained before the first start."""
    publish(open_registry(str(tmp_path)), artefact())

    done = run(tmp_path, "promote", "v1", auth="none")

    assert (done.output, promoted(tmp_path)) == ("promoted payments v1\n", "v1")
