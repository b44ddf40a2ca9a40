"""One contract for the folder, MinIO and versitygw: what was changed on the way is never served."""

import pytest

from risksentinel.adapters.models.documents import written
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.errors import Malformed, NotFound
from tests.adapters.models.storages import Storage
from tests.adapters.models.versions import document_of, pointer_to, publish, release


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"model v2", "another SHA-256"),
        (b"model", "cut off"),
        (b"", "cut off"),
        (b"model v1 and more", "larger than 8 bytes"),
    ],
)
def test_a_model_with_other_bytes_is_refused(
    registry: StoredModelRegistry, storage: Storage, name: str, body: bytes, words: str
) -> None:
    """An untested model must not score payments."""
    release(registry, name, "v1")

    storage.write(f"models/{name}/v1/model.onnx", body)

    with pytest.raises(Malformed, match=words):
        registry.current(name)
    with pytest.raises(Malformed, match=words):
        registry.promote(name, "v1")


def test_a_model_that_vanished_is_told_by_name(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """The operator must see which object is missing."""
    release(registry, name, "v1")

    storage.remove(f"models/{name}/v1/model.onnx")

    with pytest.raises(NotFound, match=r"v1/model\.onnx is missing"):
        registry.current(name)


def test_a_manifest_written_after_the_promotion_is_refused(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """A writer of models could write digests too: the pointer has the manifest's digest."""
    manifest = publish(registry, name, "v1")
    registry.promote(name, "v1")

    storage.write(f"models/{name}/v1/manifest.json", document_of(manifest, kind="other"))

    with pytest.raises(Malformed, match="is not the promoted one"):
        registry.current(name)


def test_every_fault_of_a_manifest_is_told(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """An author of manifests must see all violations at once."""
    manifest = publish(registry, name, "v1")
    broken = document_of(manifest, features=["a", "a"], files={}, metrics={"p": "0.5"}, kind=None)

    storage.write(f"models/{name}/v1/manifest.json", broken)

    with pytest.raises(Malformed) as refused:
        registry.promote(name, "v1")
    assert {
        violation.path.removeprefix("v1/manifest.json: ") for violation in refused.value.violations
    } == {
        "kind",
        "features",
        "files",
        "metrics.p",
    }


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000, b" " * 1_048_577])
def test_a_manifest_that_is_no_document_is_refused(
    registry: StoredModelRegistry, storage: Storage, name: str, body: bytes
) -> None:
    """A bucket may contain any content of any size."""
    publish(registry, name, "v1")

    storage.write(f"models/{name}/v1/manifest.json", body)

    with pytest.raises(Malformed):
        registry.promote(name, "v1")


def test_a_manifest_describes_its_own_version_only(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """A folder that was copied to a new name is not a new version."""
    manifest = publish(registry, name, "v1")

    storage.write(f"models/{name}/v2/manifest.json", written(manifest))

    with pytest.raises(Malformed, match="another version"):
        registry.promote(name, "v2")


def test_a_field_of_a_later_release_is_no_fault(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """Training may be ahead of serving by a release."""
    manifest = publish(registry, name, "v1")

    storage.write(f"models/{name}/v1/manifest.json", document_of(manifest, quantiles=[1, 2]))

    registry.promote(name, "v1")
    artefact = registry.current(name)
    assert artefact is not None
    assert artefact.manifest == manifest


def test_a_pointer_to_what_is_not_whole_is_refused(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """A pointer written by hand skips the checks of a promotion."""
    manifest = publish(registry, name, "v1")
    storage.write(f"models/{name}/current.json", pointer_to(manifest))
    storage.remove(f"models/{name}/v1/manifest.json")

    with pytest.raises(NotFound, match="v1 is not published"):
        registry.current(name)


@pytest.mark.parametrize("body", [b"v1", b"{}", b'{"version":"../v1","manifest_sha256":"0"}'])
def test_a_promotion_mends_a_pointer_that_says_nothing(
    registry: StoredModelRegistry, storage: Storage, name: str, body: bytes
) -> None:
    """The way out of a broken pointer is the command that operators know."""
    publish(registry, name, "v1")
    storage.write(f"models/{name}/current.json", body)
    with pytest.raises(Malformed, match=r"current\.json"):
        registry.promoted(name)

    pointer = registry.promote(name, "v1")

    assert registry.promoted(name) == pointer
