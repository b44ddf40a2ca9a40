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
from infra.scenarios.engine import serving
from infra.scenarios.format import Scenario, read
from infra.scenarios.places import LOG_WIDTH, OURS
from infra.scenarios.policies import put_in_force
from infra.scenarios.run import ScenarioResult, play
from infra.scenarios.table import show
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.assembly.container import Container
from risksentinel.cli.policy import LIVE, version_of
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.logs import configure
from risksentinel.policy_files.policy_yaml import from_yaml
from risksentinel.settings import Settings

Contents = Mapping[str, Any]
DRAFT: Final = "draft"


@click.command()
@click.argument("policy")
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--only", default="", help="Only scenarios whose name contains this text.")
def test(policy: str, places: tuple[Path, ...], only: str) -> None:
    """Play the scenarios in PLACES against POLICY: the number of a version, or a YAML file.

    Two new engines without a model play them, one with the live policy and one with POLICY; neither
    touches the data of yours. Exits with 1 if a scenario fails with POLICY.
    """
    live, draft = _contents(policy)
    chosen = [each for each in read(places or (OURS,)) if only in each.name]
    if not chosen:
        raise Misconfigured(f"--only {only}: no scenario has this text in its name")
    try:
        with TemporaryDirectory(prefix="policy-test-") as folder:
            columns = {
                name: _played(Path(folder) / name, contents, chosen)
                for name, contents in ((LIVE, live), (DRAFT, draft))
            }
    except (ServerFailed, Unavailable) as error:
        raise click.ClickException(str(error)) from None
    show(Console() if Console().is_terminal else Console(width=LOG_WIDTH), columns)
    sys.exit(any(not each.passed for each in columns[DRAFT]))


def _contents(policy: str) -> tuple[Contents, Contents]:
    """The contents of the live version, and those of the number or of the file."""
    configure("error", stream="stderr")  # a probe of a starting engine is no warning
    with closing(Container(Settings.read())) as container:
        records = SqlPolicyRecords(container.engine)
        live = version_of(records, LIVE).contents
        if Path(policy).is_file():
            return live, from_yaml(Path(policy).read_bytes())
        return live, version_of(records, policy).contents


def _played(home: Path, contents: Contents, chosen: Sequence[Scenario]) -> list[ScenarioResult]:
    with serving(home) as url:
        put_in_force(url, contents)
        with Client(url) as client:
            return [
                play(client, each, f".{number}", lambda *_: None)
                for number, each in enumerate(chosen)
            ]
