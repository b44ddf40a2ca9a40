"""Versions to publish; the model of each answers its number."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from risksentinel.adapters.models.documents import digest, written
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.domain.model_version import Manifest, MeasuredBy, Pointer, StoredFile
from risksentinel.text import strict_json


def files_of(version: str) -> dict[str, bytes]:
    """Two small files."""
    return {"model.onnx": f"model {version}".encode(), "model.joblib": b"trees of " + b"\x00\xff"}


def manifest_of(name: str, version: str, files: Mapping[str, bytes]) -> Manifest:
    """A manifest that fits the files, with text that is not ASCII."""
    return Manifest(
        name=name,
        version=version,
        kind="isolation_forest",
        created_at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
        features=("amount_zar", "Stunde ☾"),
        measured_by=MeasuredBy(utc_offset_seconds=7_200, label_delay_seconds=604_800),
        files={
            file: StoredFile(sha256=digest(body), size=len(body)) for file, body in files.items()
        },
        metrics={"average_precision": 0.1, "rows": 100_000},
        training_data_sha256=digest(b"payments"),
        libraries={"scikit-learn": "1.7.2"},
    )


def publish(registry: StoredModelRegistry, name: str, version: str) -> Manifest:
    """Publish a small version."""
    files = files_of(version)
    manifest = manifest_of(name, version, files)
    registry.publish(manifest, files)
    return manifest


def release(registry: StoredModelRegistry, name: str, version: str) -> Pointer:
    """Publish and promote a small version."""
    publish(registry, name, version)
    return registry.promote(name, version)


def pointer_to(manifest: Manifest) -> bytes:
    """The bytes of current.json as `promote` would write them, without its checks."""
    return written(Pointer(version=manifest.version, manifest_sha256=digest(written(manifest))))


def document_of(manifest: Manifest, **changes: object) -> bytes:
    """The manifest's bytes with some fields changed, or left out where the change is None."""
    document: dict[str, Any] = {**manifest.model_dump(), **changes}
    return strict_json.encode({key: of for key, of in document.items() if of is not None})
