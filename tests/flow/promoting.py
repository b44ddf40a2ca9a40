"""Models for a running stack, published and promoted by the `risksentinel models` commands."""

from pathlib import Path
from typing import Final

from click.testing import CliRunner, Result

from risksentinel.adapters.models.documents import written
from risksentinel.cli.models import models
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.scoring.features.table import NAMES
from tests.adapters.models.forests import artefact, stump
from tests.infra.devstack.stack.stack_process import StackProcess
from tests.logs import as_before

WHOLE: Final = stump(len(NAMES))


def command(running: StackProcess, *arguments: str) -> Result:
    """Run `risksentinel models` against the stack."""
    with as_before():
        return CliRunner().invoke(models, arguments, env=running.environment)


def run(running: StackProcess, *arguments: str) -> None:
    """Run `risksentinel models` and check that the command succeeded."""
    result = command(running, *arguments)
    assert result.exit_code == 0, (result.output, result.exception)


def publish(running: StackProcess, of: ModelArtefact, folder: Path) -> None:
    """Publish a version from a folder with the files that ml.train writes."""
    place = folder / of.manifest.version
    place.mkdir()
    (place / "model.onnx").write_bytes(of.model)
    (place / "manifest.json").write_bytes(written(of.manifest))
    run(running, "publish", str(place))


def good(version: str) -> ModelArtefact:
    """A version that functions can serve."""
    return artefact(WHOLE, features=NAMES, version=version)


def by_hour(version: str) -> ModelArtefact:
    """A version that was trained on payments of which a quarter was made in the afternoon."""
    model = stump(len(NAMES), on=NAMES.index("hour"), limit=12.0)
    return artefact(model, features=NAMES, version=version)


def truncated(version: str) -> ModelArtefact:
    """A version that no function can serve: its file is truncated."""
    return artefact(WHOLE[:-100], features=NAMES, version=version)
