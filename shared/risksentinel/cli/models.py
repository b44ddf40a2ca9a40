"""risksentinel models: lists, publishes, fetches and promotes versions, and measures drift."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import click

from risksentinel.adapters.models.documents import manifest_of, written
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_registry import model_registry
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.model_fields import MANIFEST_FILE
from risksentinel.domain.model_version import MODEL_FILE, Manifest
from risksentinel.errors import NotFound
from risksentinel.text import rfc3339
from risksentinel.usecases.measure_drift import Drifts, measure_drift
from risksentinel.usecases.promote_model import PromoteModel

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
        details = {"version": manifest.version, "files": _digests(files)}
        audited(container.engine, "model.published", "model", manifest.name, details)
        model_registry(container).publish(manifest, files)
        click.echo(f"published {manifest.name} {manifest.version}")
        if promoted:
            PromoteModel(model_registry(container))(manifest.name, manifest.version, force=False)
            click.echo(f"promoted {manifest.name} {manifest.version}")


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
@click.argument("version")
@click.option(
    "--force", is_flag=True, help="Promote a version that is worse or cannot be compared."
)
def promote(version: str, *, force: bool) -> None:
    """Promote a version; running functions use it within 30 seconds.

    A version that is worse than the promoted one is refused: average precision decides, then the
    area under the ROC curve. A version that was measured on other payments is refused too.
    """
    with _opened() as container:
        name = container.settings.model_name
        PromoteModel(model_registry(container))(name, version, force=force)
    click.echo(f"promoted {name} {version}")


@models.command()
def rollback() -> None:
    """Promote the previously promoted version again."""
    with _opened() as container:
        name = container.settings.model_name
        pointer = model_registry(container).rollback(name)
    click.echo(f"promoted {name} {pointer.version} again")


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
