"""One contract for the folder, MinIO and versitygw: what goes in comes out, or is refused."""

import pytest

from risksentinel.adapters.models.documents import digest, written
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.errors import Conflict, Malformed, NotFound
from tests.adapters.models.storages import Storage
from tests.adapters.models.versions import files_of, manifest_of, publish, release


def test_what_was_published_and_promoted_is_current(
    registry: StoredModelRegistry, name: str
) -> None:
    """Serving must get exactly the bytes and the manifest that training wrote."""
    manifest = publish(registry, name, "v1")

    pointer = registry.promote(name, "v1")

    assert (pointer.version, pointer.manifest_sha256) == ("v1", digest(written(manifest)))
    assert registry.promoted(name) == pointer
    assert registry.current(name) == ModelArtefact(pointer, manifest, b"model v1")


def test_a_model_that_was_never_published_is_not_an_error(
    registry: StoredModelRegistry, name: str
) -> None:
    """A fresh installation has no model yet, and scores without one."""
    assert registry.promoted(name) is None
    assert registry.current(name) is None
    assert registry.versions(name) == []


def test_publishing_changes_nothing_for_those_who_serve(
    registry: StoredModelRegistry, name: str
) -> None:
    """A version is reviewed before it scores payments."""
    before = release(registry, name, "v1")

    publish(registry, name, "v2")

    assert registry.promoted(name) == before
    assert registry.versions(name) == ["v1", "v2"]


def test_an_earlier_version_can_be_promoted_again(registry: StoredModelRegistry, name: str) -> None:
    """A model that turns out bad is rolled back by the same command."""
    first = release(registry, name, "v1")
    release(registry, name, "v2")

    again = registry.promote(name, "v1")

    assert again == first == registry.promoted(name)


def test_versions_come_in_the_order_people_count(registry: StoredModelRegistry, name: str) -> None:
    """The last of the list is taken for the newest."""
    for version in ("v10", "v9", "2026-05-01", "v1.2"):
        publish(registry, name, version)

    found = registry.versions(name)

    assert found == ["2026-05-01", "v1.2", "v9", "v10"]


def test_a_version_never_changes(registry: StoredModelRegistry, name: str) -> None:
    """A score names the version of its model, and must be reproducible with it."""
    manifest = publish(registry, name, "v1")
    other = {**files_of("v1"), "model.onnx": b"another model"}

    with pytest.raises(Conflict, match="published"):
        registry.publish(manifest, files_of("v1"))
    with pytest.raises(Conflict, match="published"):
        registry.publish(manifest_of(name, "v1", other), other)

    registry.promote(name, "v1")
    artefact = registry.current(name)
    assert artefact is not None
    assert artefact.model == b"model v1"


def test_publishing_goes_on_where_it_broke_off(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """A training run whose connection broke is run again, with the same result."""
    storage.write(f"models/{name}/v1/model.joblib", files_of("v1")["model.joblib"])

    publish(registry, name, "v1")

    assert registry.promote(name, "v1").version == "v1"


def test_files_left_by_another_attempt_are_not_overwritten(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """That attempt may still be going on: two must not mix their files in one version."""
    storage.write(f"models/{name}/v1/model.onnx", b"of another attempt")

    with pytest.raises(Conflict, match="another version"):
        publish(registry, name, "v1")

    assert registry.versions(name) == []


def test_a_version_without_manifest_is_invisible(
    registry: StoredModelRegistry, storage: Storage, name: str
) -> None:
    """The manifest is written last, so a version without it is incomplete."""
    storage.write(f"models/{name}/v1/model.onnx", b"half")

    with pytest.raises(NotFound, match="v1 is not published"):
        registry.promote(name, "v1")

    assert registry.versions(name) == []
    assert registry.promoted(name) is None


def test_files_must_be_those_of_the_manifest(registry: StoredModelRegistry, name: str) -> None:
    """A version that can never be verified must not come into being."""
    manifest = manifest_of(name, "v1", files_of("v1"))
    others = {"model.onnx": b"another model", "notes.txt": b""}

    with pytest.raises(Malformed) as refused:
        registry.publish(manifest, others)

    paths = [violation.path for violation in refused.value.violations]
    assert paths == ["files.model.joblib", "files.model.onnx", "files.notes.txt"]
    assert registry.versions(name) == []


def test_a_big_file_comes_back_whole(registry: StoredModelRegistry, name: str) -> None:
    """A forest of a thousand trees is larger than any one buffer on its way."""
    files = {"model.onnx": bytes(range(256)) * 65_536 + b"end"}
    registry.publish(manifest_of(name, "v1", files), files)

    registry.promote(name, "v1")

    artefact = registry.current(name)
    assert artefact is not None
    assert artefact.model == files["model.onnx"]


OUTSIDE = (
    *("", ".", "..", "a/b", "../v1", "a\\b", "/etc", ".hidden", "v1.", "v1\n", "v 1", "v\0", "ü"),
    *("x" * 65, "manifest.json", "current.json"),
)


@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_name_leads_nowhere_else(registry: StoredModelRegistry, name: str, outside: str) -> None:
    """Names come from command lines, and become paths."""
    for ask in (registry.promoted, registry.current, registry.versions):
        with pytest.raises(Malformed, match=r"^name: must be"):
            ask(outside)
    with pytest.raises(Malformed, match=r"^version: must be"):
        registry.promote(name, outside)
