"""risksentinel models: which versions there are, which one scores, and how well it still fits."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import click

from risksentinel.adapters.models.documents import manifest_of, written
from risksentinel.adapters.sql.model_readings import model_readings
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_registry import model_registry
from risksentinel.cli.command_settings import command_settings
from risksentinel.domain.model_fields import MANIFEST_FILE
from risksentinel.domain.model_version import MODEL_FILE, Manifest
from risksentinel.domain.moments import rfc3339
from risksentinel.errors import NotFound
from risksentinel.usecases.measure_drift import Drifts, measure_drift
from risksentinel.usecases.promote_model import PromoteModel

FEW = 200  # payments: on fewer the index says more about chance


@click.group()
def models() -> None:
    """Models: list, publish, fetch, promote, roll back, drift."""


@contextmanager
def _opened() -> Iterator[Container]:
    with closing(Container(command_settings())) as container:
        yield container


@models.command("list")
def list_versions() -> None:
    """List the published versions: which is promoted, kind, when it was made, its metrics."""
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
@click.option("--promote", "promoted", is_flag=True, help="Promote it too, where it is not worse.")
def publish(folder: Path, *, promoted: bool) -> None:
    """Publish the version in FOLDER, as `python -m ml.train` wrote it.

    A version never changes: what was trained anew is a new version.
    """
    with _opened() as container:
        manifest, files = _read(folder)
        model_registry(container).publish(manifest, files)
        click.echo(f"published {manifest.name} {manifest.version}")
        if promoted:
            PromoteModel(model_registry(container))(manifest.name, manifest.version, force=False)
            click.echo(f"promoted {manifest.name} {manifest.version}")


@models.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def fetch(folder: Path) -> None:
    """Write the promoted version into FOLDER, to train against it; nothing if none is promoted.

    `python -m ml.train --against FOLDER` measures it on the new version's own evaluation set, and
    so the two can be compared.
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
@click.option("--force", is_flag=True, help="Also a worse one, or one that cannot be compared.")
def promote(version: str, *, force: bool) -> None:
    """Put a version into use; running functions take it up within 30 seconds.

    One that is worse than the promoted one is refused: average precision decides, then the area
    under the ROC curve. So is one that was measured on other payments.
    """
    with _opened() as container:
        name = container.settings.model_name
        PromoteModel(model_registry(container))(name, version, force=force)
    click.echo(f"promoted {name} {version}")


@models.command()
def rollback() -> None:
    """Put the version that was promoted before into use again."""
    with _opened() as container:
        name = container.settings.model_name
        pointer = model_registry(container).rollback(name)
    click.echo(f"promoted {name} {pointer.version} again")


@models.command()
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True)
@click.option("--most", type=click.IntRange(FEW), default=20_000, show_default=True)
def drift(days: int, most: int) -> None:
    """Compare the last payments with those that the promoted version was trained on.

    The population stability index of the score and of each feature: below 0.1 nothing has moved,
    from 0.25 on train anew.
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
    _tell(drifts, manifest)


def _tell(drifts: Drifts, manifest: Manifest) -> None:
    click.echo(f"{drifts.payments} payments that {manifest.name} {manifest.version} judged")
    if drifts.payments < FEW:
        click.echo(f"fewer than {FEW}: what follows says more about chance", err=True)
    for each in drifts.found:
        click.echo(f"{each.index:8.4f}  {each.shift:<8}  {each.figure}")


def _read(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    described = folder / MANIFEST_FILE
    if not described.is_file():
        raise NotFound(f"{folder} has no {MANIFEST_FILE}: is it what ml.train wrote?")
    manifest = manifest_of(described.read_bytes(), MANIFEST_FILE)
    return manifest, {
        file: (folder / file).read_bytes() for file in manifest.files if (folder / file).is_file()
    }


def _line(manifest: Manifest) -> str:
    metrics = "  ".join(f"{name} {value:.4g}" for name, value in manifest.metrics.items())
    return f"{manifest.version}  {manifest.kind}  {rfc3339(manifest.created_at)}  {metrics}"
