"""risksentinel policy test: plays the scenarios against the live policy and against a draft."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from rich.console import Console

from infra.devstack.servers.restartable_server import ServerFailed
from infra.scenarios.client import Client
from infra.scenarios.engine import serving, wait_for_model
from infra.scenarios.format import Scenario, read
from infra.scenarios.places import LOG_WIDTH, OURS
from infra.scenarios.policies import put_in_force
from infra.scenarios.run import ScenarioResult, play
from infra.scenarios.table import show
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.assembly.container import Container
from risksentinel.cli.policy import LIVE, version_of
from risksentinel.domain.policy_version import names_version
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.logs import configure
from risksentinel.policy_files.policy_yaml import from_yaml
from risksentinel.settings import Settings

Contents = Mapping[str, Any]
Models = Mapping[str, str]
DRAFT: Final = "draft"


@click.command()
@click.argument("policy")
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--only", default="", help="Only scenarios whose name contains this text.")
def test(policy: str, places: tuple[Path, ...], only: str) -> None:
    """Play the scenarios in PLACES against POLICY: the number of a version, or a YAML file.

    Two new engines play them, one with the live policy and one with POLICY; neither touches the
    data of yours. They have no promoted model; a policy that names a version decides with that.
    Exits with 1 if a scenario fails with POLICY.
    """
    live, draft, models = _contents(policy)
    chosen = [each for each in read(places or (OURS,)) if only in each.name]
    if not chosen:
        raise Misconfigured(f"--only {only}: no scenario has this text in its name")
    try:
        with TemporaryDirectory(prefix="policy-test-") as folder:
            columns = {
                name: _played(Path(folder) / name, contents, chosen, models)
                for name, contents in ((LIVE, live), (DRAFT, draft))
            }
    except (ServerFailed, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    show(Console() if Console().is_terminal else Console(width=LOG_WIDTH), columns)
    sys.exit(any(not each.passed for each in columns[DRAFT]))


def _contents(policy: str) -> tuple[Contents, Contents, Models]:
    """The contents of the live version, those of the number or of the file, and their models."""
    configure("error", stream="stderr")  # a probe of a starting engine is no warning
    with closing(Container(settings := Settings.read())) as container:
        records = SqlPolicyRecords(container.engine)
        live = version_of(records, LIVE).contents
        if Path(policy).is_file():
            draft: Contents = from_yaml(Path(policy).read_bytes())
        else:
            draft = version_of(records, policy).contents
        return live, draft, _models(settings)


def _models(settings: Settings) -> Models:
    """The settings with which a new engine reads the models of the operator."""
    stated = {
        "MODEL_URI": settings.models,
        "MODEL_NAME": settings.model_name,
        "S3_ENDPOINT_URL": settings.s3_endpoint_url,
        "AWS_REGION": settings.aws_region,
    }
    return {name: value for name, value in stated.items() if value}


def _played(
    home: Path, contents: Contents, chosen: Sequence[Scenario], models: Models
) -> list[ScenarioResult]:
    named = names_version(contents.get("model"))
    with serving(home, models if named else {}) as url:
        put_in_force(url, contents)
        if named and contents["settings"]["ml_weight"]:
            wait_for_model(url)
        with Client(url) as client:
            return [
                play(client, each, f".{number}", lambda *_: None)
                for number, each in enumerate(chosen)
            ]
