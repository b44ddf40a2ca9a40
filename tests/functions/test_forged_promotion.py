"""A writer of the storage of models promotes a version without an approval."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client

from functions.ingest.main import build
from risksentinel.adapters.models.registries import open_registry
from risksentinel.assembly import model as wiring
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import decide_proposal
from risksentinel.cli.models import models
from risksentinel.domain.access import Role
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from tests.functions.caller import PAYMENT, TRANSACTIONS, said
from tests.functions.keyed import keyed
from tests.functions.two_versions import with_two_versions
from tests.logs import as_before

WITHIN = 30.0  # seconds


@pytest.fixture
def home(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with two published versions of a model whose only feature is the amount."""
    with_two_versions(migrated, tmp_path, monkeypatch)
    with as_before():
        yield tmp_path


@pytest.fixture
def approving(home: Path) -> Iterator[Container]:
    """A process that needs approvals."""
    settings = Settings(
        risksentinel_home=home, auth=frozenset({Method.KEYS}), model_refresh_seconds=0.1
    )
    container = Container(settings)
    yield container
    container.close()


def _command(home: Path, *arguments: str, auth: str = "keys") -> str:
    environment = {"RISKSENTINEL_HOME": str(home), "AUTH": auth}
    done = CliRunner().invoke(models, arguments, env=environment)
    assert done.exit_code == 0, done.output
    return done.stdout.split()[-1]


def _promote(container: Container, home: Path, version: str) -> None:
    proposal = _command(home, "promote", version)
    decide_proposal(container).approve(proposal, "bob")
    _command(home, "promote", "--approved", proposal)


def _model_becomes(container: Container, word: str, version: str = "") -> dict[str, Any]:
    function, began = Client(build(container)), monotonic()
    while True:
        ready = said(function.get("/health/readiness"))
        if ready["checks"]["model"].startswith(word) and version in ready["checks"]["model"]:
            return ready
        assert monotonic() < began + WITHIN, ready
        sleep(0.05)


def test_a_pointer_without_an_approval_promotes_nothing(home: Path, approving: Container) -> None:
    """The storage says v2, which no other person approved: v1 scores on, and readiness says so."""
    _promote(approving, home, "v1")
    _model_becomes(approving, "ok")

    open_registry(str(home)).promote("payments", "v2")
    degraded = _model_becomes(approving, "degraded", "v2")

    assert "the audit log has version v1 as promoted" in degraded["checks"]["model"]
    payments = keyed(approving, "shop", Role.SUBMITTER, Role.ANALYST)
    said(payments.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
    receipt = said(payments.get(f"{TRANSACTIONS}p-1/score"))
    assert receipt["model"]["version"] == "v1"


def test_a_process_that_starts_loads_no_forged_promotion(home: Path, approving: Container) -> None:
    """A restart must not be the way around the approval: without a model the signal is silent."""
    open_registry(str(home)).promote("payments", "v2")

    degraded = _model_becomes(approving, "degraded")

    assert "the audit log has no version as promoted" in degraded["checks"]["model"]
    assert not wiring.model(approving).is_in_use()


def test_the_approval_of_the_version_in_the_storage_ends_the_fault(
    home: Path, approving: Container
) -> None:
    """Also the way for a model that was promoted before FOUR_EYES was on."""
    open_registry(str(home)).promote("payments", "v2")
    _model_becomes(approving, "degraded")

    _promote(approving, home, "v2")

    _model_becomes(approving, "ok")
    assert wiring.model(approving).is_in_use()


def test_without_four_eyes_a_promotion_needs_no_database(home: Path) -> None:
    """The embedded defaults: a model is trained and promoted before the first start."""
    (home / "risksentinel.db").rename(home / "kept.db")
    _command(home, "promote", "v1", auth="none")
    (home / "kept.db").rename(home / "risksentinel.db")
    container = Container(Settings(risksentinel_home=home))
    try:
        _model_becomes(container, "ok")
    finally:
        container.close()
