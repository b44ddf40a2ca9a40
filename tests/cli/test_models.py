from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.adapters.models.documents import written
from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.cli import models
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.domain.signal import Reading
from risksentinel.errors import Conflict, Malformed, NotFound
from risksentinel.migrations.migrate import migrate
from risksentinel.scoring.policy import Policy
from risksentinel.settings import Settings
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.adapters.models.forests import artefact, publish
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules, SwitchedHistory
from tests.usecases.payments import paid


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of an embedded engine with its models and database."""
    migrate(Settings(risksentinel_home=tmp_path).database)
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    """Run the command with these arguments."""
    return CliRunner().invoke(models.models, arguments, env={"RISKSENTINEL_HOME": str(home)})


def trained(home: Path, of: ModelArtefact) -> str:
    """A folder in the format of ml.train."""
    folder = home / "trained" / of.manifest.version
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(of.model)
    (folder / "manifest.json").write_bytes(written(of.manifest))
    (folder / "training_report.json").write_text("{}")
    return str(folder)


def test_a_trained_folder_is_published_promoted_and_listed(home: Path) -> None:
    """The commands that bring a model from training into use, with their output."""
    folder = trained(home, artefact(metrics={"auc": 0.91}))

    printed = [run(home, *words).output for words in (("publish", folder), ("promote", "v1"))]
    listed = run(home, "list").output

    assert printed == ["published payments v1\n", "promoted payments v1\n"]
    assert listed == "* v1  isolation_forest  2026-05-01T08:30:00Z  auc 0.91\n"


def test_publish_and_promote_is_one_command(home: Path) -> None:
    """`publish --promote` serves a nightly training."""
    done = run(home, "publish", trained(home, artefact()), "--promote")

    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "promoted payments v1")


def test_a_worse_version_needs_force_and_can_be_rolled_back(home: Path) -> None:
    """A forced promotion can be undone by `rollback`."""
    for version, auc in (("v1", 0.9), ("v2", 0.8)):
        run(home, "publish", trained(home, artefact(version=version, metrics={"auc": auc})))
    run(home, "promote", "v1")

    refused = run(home, "promote", "v2")
    forced = run(home, "promote", "v2", "--force")
    back = run(home, "rollback")

    assert isinstance(refused.exception, Conflict)
    assert (forced.exit_code, back.output) == (0, "promoted payments v1 again\n")
    assert run(home, "list").output.startswith("* v1")


def test_fetch_replaces_older_files_by_the_promoted_version(home: Path) -> None:
    """Training measures the fetched version; files of an older version must not remain."""
    of, folder = artefact(), home / "promoted"
    nothing = run(home, "fetch", str(folder))
    run(home, "publish", trained(home, of), "--promote")

    done = run(home, "fetch", str(folder))

    assert (nothing.exit_code, nothing.output) == (0, "no version is promoted\n")
    assert (done.exit_code, done.output) == (0, "fetched payments v1\n")
    assert (folder / "model.onnx").read_bytes() == of.model
    assert (folder / "manifest.json").read_bytes() == written(of.manifest)


@pytest.mark.parametrize("missing", ["manifest.json", "model.onnx"])
def test_an_incomplete_folder_is_refused(home: Path, missing: str) -> None:
    """An interrupted training leaves an incomplete version."""
    folder = trained(home, artefact())
    (Path(folder) / missing).unlink()

    done = run(home, "publish", folder)

    assert isinstance(done.exception, NotFound | Malformed)
    assert run(home, "list").output == "no version is promoted\n"


def test_drift_lists_the_largest_shift_first(home: Path) -> None:
    """The first line shows the feature that drifted most."""
    of = artefact()
    registry = open_registry(str(home))
    publish(registry, of)
    registry.promote("payments", "v1")
    score_many(home, of, unusual=240, usual=60)

    done = run(home, "drift", "--days", "1")

    assert done.output.splitlines() == [
        "300 payments scored by payments v1",
        "  1.3667  large     score",
        "  1.3667  large     amount_zar",
    ]


def test_drift_without_a_model_or_payments_is_reported(home: Path) -> None:
    """Missing data must not look like the absence of drift."""
    without = run(home, "drift")
    run(home, "publish", trained(home, artefact()), "--promote")
    nothing = run(home, "drift")

    assert isinstance(without.exception, NotFound)
    assert nothing.output.startswith("0 payments scored by payments v1\nfewer than 200")


def score_many(home: Path, of: ModelArtefact, *, unusual: int, usual: int) -> None:
    """Store payments with model scores."""
    container = Container(Settings(risksentinel_home=home))
    for kind, count, amount in (("unusual", unusual, 5_000.0), ("usual", usual, None)):
        details = {
            "model": {
                "name": "payments",
                "version": "unknown",
                "manifest_sha256": of.pointer.manifest_sha256,
            },
            "score": float(amount is not None),
            "features": {"amount_zar": amount or 10.0},
        }
        model = FixedModel(Reading(0.5, ("so it says",), details))
        scoring = Scoring(
            FixedRules(), SwitchedHistory(), model, Policy(), RememberingMeter(), FixedLists()
        )
        score = ScoreTransactions(
            DecidePayments(scoring),
            SqlLedger(container.engine),
            lambda: now() - timedelta(hours=1),
            container.new_id,
        )
        score([paid(f"{kind}-{number}") for number in range(count)], "/s", {})
    container.close()
