"""risksentinel models: lists, publishes, fetches and promotes versions, and measures drift."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from risksentinel.adapters.models.documents import manifest_of, written
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_changes import change_model
from risksentinel.assembly.model_registry import model_registry
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.domain.model_fields import MANIFEST_FILE
from risksentinel.domain.model_version import MODEL_FILE, Manifest
from risksentinel.domain.proposal import Proposal
from risksentinel.errors import NotFound
from risksentinel.text import rfc3339
from risksentinel.usecases.change_model import ChangeModel
from risksentinel.usecases.measure_drift import Drifts, measure_drift

APPROVE: Final = "/api/v1/proposals/{}/approve"
FEW = 200  # payments; with fewer the index mostly measures chance


@click.group()
def models() -> None:
    """Models: list, publish, fetch, promote, roll back, drift."""


@contextmanager
def _opened() -> Iterator[Container]:
    with closing(Container(command_settings())) as container:
        yield container


@models.command("list")
def list_versions() -> None:
    """List the published versions: * if promoted, version, kind, time of training, metrics."""
    with _opened() as container:
        name, registry = container.settings.model_name, model_registry(container)
        promoted = registry.promoted(name)
        for version in registry.versions(name):
            mark = "*" if promoted is not None and promoted.version == version else " "
            click.echo(f"{mark} {_line(registry.manifest(name, version))}")
    if promoted is None:
        click.echo("no version is promoted", err=True)


@models.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--promote", "promoted", is_flag=True, help="Also promote the version if it is not worse."
)
def publish(folder: Path, *, promoted: bool) -> None:
    """Publish the version in FOLDER, the output of `python -m ml.train`.

    A published version never changes; each training makes a new version.
    """
    with _opened() as container:
        manifest, files = _read(folder)
        change = change_model(container, operator())
        change.publish(manifest, files)
        click.echo(f"published {manifest.name} {manifest.version}")
        if promoted:
            _promote(container, change, manifest.name, manifest.version, force=False)


@models.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def fetch(folder: Path) -> None:
    """Write the promoted version to FOLDER; write nothing if no version is promoted.

    `python -m ml.train --against FOLDER` measures the promoted version on the evaluation set of
    the new version, so that the two can be compared.
    """
    with _opened() as container:
        promoted = model_registry(container).current(container.settings.model_name)
    folder.mkdir(parents=True, exist_ok=True)
    for file in (MANIFEST_FILE, MODEL_FILE):
        (folder / file).unlink(missing_ok=True)
    if promoted is None:
        click.echo("no version is promoted", err=True)
        return
    (folder / MODEL_FILE).write_bytes(promoted.model)
    (folder / MANIFEST_FILE).write_bytes(written(promoted.manifest))
    click.echo(f"fetched {promoted.manifest.name} {promoted.manifest.version}")


@models.command()
@click.argument("version", required=False)
@click.option(
    "--force", is_flag=True, help="Promote a version that is worse or cannot be compared."
)
@click.option("--approved", metavar="ID", help="Apply the approved proposal of this id instead.")
def promote(version: str | None, approved: str | None, *, force: bool) -> None:
    """Promote VERSION; running functions use it within 30 seconds.

    A version that is worse than the promoted one is refused: average precision decides, then the
    area under the ROC curve. A version that was measured on other payments is refused too.

    With FOUR_EYES the command only proposes the promotion. After the approval of another person
    `--approved` applies it, and a proposed rollback too.
    """
    if (version is None) is (approved is None) or (approved is not None and force):
        raise click.UsageError("give either VERSION, with or without --force, or --approved ID")
    with _opened() as container:
        change = change_model(container, operator())
        if approved is not None:
            applied = change.apply(approved)
            click.echo(f"promoted {applied.subject} {applied.change['version']}")
        elif version is not None:
            _promote(container, change, container.settings.model_name, version, force=force)


@models.command()
def rollback() -> None:
    """Promote the previously promoted version again; with FOUR_EYES only propose that."""
    with _opened() as container:
        name, change = container.settings.model_name, change_model(container, operator())
        if container.settings.needs_approval:
            _print_proposal(change.propose_rollback(name))
            return
        click.echo(f"promoted {name} {change.roll_back(name).version} again")


def _promote(
    container: Container, change: ChangeModel, name: str, version: str, *, force: bool
) -> None:
    if container.settings.needs_approval:
        _print_proposal(change.propose_promotion(name, version, force=force))
        return
    change.promote(name, version, force=force)
    click.echo(f"promoted {name} {version}")


def _print_proposal(proposal: Proposal) -> None:
    click.echo(f"proposed {proposal.subject} {proposal.change['version']}: {proposal.id}")
    click.echo(
        f"another person approves it: POST {APPROVE.format(proposal.id)}\n"
        f"then: risksentinel models promote --approved {proposal.id}",
        err=True,
    )


@models.command()
@click.option(
    "--days", type=click.IntRange(1, 365), default=7, show_default=True, help="Days to compare."
)
@click.option(
    "--most",
    type=click.IntRange(FEW),
    default=20_000,
    show_default=True,
    help="Maximum number of payments.",
)
def drift(days: int, most: int) -> None:
    """Compare recent payments with the training payments of the promoted version.

    Prints the population stability index of the score and of each feature: below 0.1 there is no
    drift; from 0.25 on a new version should be trained.
    """
    with _opened() as container:
        name, registry = container.settings.model_name, model_registry(container)
        pointer = registry.promoted(name)
        if pointer is None:
            raise NotFound("no version is promoted")
        manifest = registry.manifest(name, pointer.version)
        since = container.clock() - timedelta(days=days)
        readings = model_readings(container.engine, since, most)
        drifts = measure_drift(manifest, pointer, readings)
    _print_drift(drifts, manifest)


def _print_drift(drifts: Drifts, manifest: Manifest) -> None:
    click.echo(f"{drifts.payments} payments scored by {manifest.name} {manifest.version}")
    if drifts.payments < FEW:
        click.echo(f"fewer than {FEW} payments: the index mostly measures chance", err=True)
    for each in drifts.found:
        click.echo(f"{each.index:8.4f}  {each.shift:<8}  {each.figure}")


def _read(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    described = folder / MANIFEST_FILE
    if not described.is_file():
        raise NotFound(f"{folder} has no {MANIFEST_FILE}: give a folder that ml.train wrote")
    manifest = manifest_of(described.read_bytes(), MANIFEST_FILE)
    return manifest, {
        file: (folder / file).read_bytes() for file in manifest.files if (folder / file).is_file()
    }


def _digests(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def _line(manifest: Manifest) -> str:
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in manifest.metrics.items())
    return f"{manifest.version}  {manifest.kind}  {rfc3339.to_text(manifest.created_at)}  {metrics}"
