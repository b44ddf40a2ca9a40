"""A manifest is read as it was written, and a malformed one is refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from risksentinel.adapters.models.documents import MAX_OF_A_DOCUMENT, manifest_of, written
from risksentinel.errors import Malformed
from tests.adapters.models import versions

MANIFEST = versions.manifest_of("forest", "v1", versions.files_of("v1"))
CLOCKS = {"utc_offset_seconds": 7_200, "label_delay_seconds": 604_800}
ONNX = {"sha256": "0" * 64, "size": 1}
WRONG: tuple[tuple[str, object, str], ...] = (
    ("name", "../forest", "name"),
    ("version", 1, "version"),
    ("kind", "", "kind"),
    ("created_at", "2026-05-01T08:30:00", "created_at"),
    ("created_at", "2026-13-01T08:30:00Z", "created_at"),
    ("created_at", 1_777_624_200, "created_at"),
    ("features", [], "features"),
    ("features", "amount", "features"),
    ("features", ["amount", 1], "features[1]"),
    ("features", [f"f{number}" for number in range(1_001)], "features"),
    ("measured_by", {"utc_offset_seconds": 7_200}, "measured_by.label_delay_seconds"),
    ("measured_by", {**CLOCKS, "utc_offset_seconds": 50_401}, "measured_by.utc_offset_seconds"),
    ("measured_by", {**CLOCKS, "utc_offset_seconds": "2h"}, "measured_by.utc_offset_seconds"),
    ("measured_by", {**CLOCKS, "label_delay_seconds": -1}, "measured_by.label_delay_seconds"),
    ("measured_by", {**CLOCKS, "label_delay_seconds": 0.5}, "measured_by.label_delay_seconds"),
    ("files", {"model.joblib": ONNX}, "files"),
    ("files", {"model.onnx": {**ONNX, "sha256": "A" * 64}}, "files.?.sha256"),
    ("files", {"model.onnx": {**ONNX, "size": -1}}, "files.?.size"),
    ("files", {"model.onnx": {**ONNX, "size": 1 << 40}}, "files.?.size"),
    ("files", {"model.onnx": {**ONNX, "size": True}}, "files.?.size"),
    ("metrics", {"recall": "0.5"}, "metrics.recall"),
    ("metrics", {"recall": True}, "metrics.recall"),
    ("metrics", [0.5], "metrics"),
    ("training_data_sha256", "0" * 63, "training_data_sha256"),
    ("training_data_sha256", "0" * 64 + "\n", "training_data_sha256"),
    ("evaluated_on", "0" * 63, "evaluated_on"),
    ("rival", {"version": "../v1", "metrics": {}}, "rival.version"),
    ("rival", {"version": "v1", "metrics": {"ap": "0.5"}}, "rival.metrics.ap"),
    ("libraries", {"numpy": 2}, "libraries.numpy"),
)


def test_what_was_written_is_read() -> None:
    """The digest of a manifest is of its bytes, so its values must have one spelling."""
    body = written(MANIFEST)

    again = manifest_of(body, "manifest.json")

    assert again == MANIFEST
    assert written(again) == body


def test_a_time_is_kept_in_utc() -> None:
    """Two spellings of one moment are one moment, wherever the training ran."""
    johannesburg = timezone(timedelta(hours=2))
    local = datetime(2026, 5, 1, 10, 30, tzinfo=johannesburg).isoformat()

    read = manifest_of(versions.document_of(MANIFEST, created_at=local), "manifest.json")

    assert read.created_at == datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
    assert read.created_at.tzinfo is UTC


@pytest.mark.parametrize(("field", "value", "path"), WRONG)
def test_a_wrong_value_is_told_with_its_path(field: str, value: object, path: str) -> None:
    """Serving relies on every field, and the author must find the wrong one."""
    body = versions.document_of(MANIFEST, **{field: value})

    with pytest.raises(Malformed) as refused:
        manifest_of(body, "manifest.json")

    assert [violation.path for violation in refused.value.violations] == [f"manifest.json: {path}"]


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"-1e400"])
def test_a_metric_is_a_finite_number(number: bytes) -> None:
    """A comparison with NaN is always false, so a worse model would be promoted."""
    body = versions.document_of(MANIFEST, metrics={"recall": 0.25}).replace(b"0.25", number)

    with pytest.raises(Malformed):
        manifest_of(body, "manifest.json")


def test_an_unreadable_manifest_is_not_written() -> None:
    """Serving reads at most a megabyte of it."""
    metrics = {f"{number:0>200}": 1.0 for number in range(MAX_OF_A_DOCUMENT // 200)}
    large = MANIFEST.model_copy(update={"metrics": metrics})

    with pytest.raises(Malformed, match="larger than"):
        written(large)
    with pytest.raises(Malformed, match="an unpaired surrogate"):
        written(MANIFEST.model_copy(update={"kind": "\ud800"}))
