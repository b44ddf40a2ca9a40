"""A home with two published versions of a model whose only feature is the amount."""

from pathlib import Path

import pytest

from risksentinel.adapters.models.onnx_model import onnx_model
from risksentinel.adapters.models.registries import open_registry
from risksentinel.assembly import model as wiring
from tests.adapters.models.forests import AMOUNT, artefact, publish, stump


def with_two_versions(migrated: Path, home: Path, patch: pytest.MonkeyPatch) -> None:
    """Copy the database to `home`, and publish `v1` and its contrary `v2` there."""
    (home / migrated.name).write_bytes(migrated.read_bytes())
    patch.setattr(wiring, "load_model", lambda of: onnx_model(of, AMOUNT))
    patch.setattr(wiring, "features_of", lambda batch, _: [(120.0,)] * len(batch))
    patch.setattr(wiring, "reasons", lambda _row: ())
    registry = open_registry(str(home))
    publish(registry, artefact())
    publish(registry, artefact(stump(low=1.0, high=0.0), version="v2"))
