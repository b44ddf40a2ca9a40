"""After any error of the promoted model the last one stays in use, and the operator is alerted."""

from collections.abc import Callable
from time import sleep

import pytest
from structlog.testing import capture_logs

from risksentinel.adapters.models import cached_model
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.errors import Malformed
from tests.adapters.models.caches import QUICKLY, becomes, cache, in_use, said
from tests.adapters.models.storages import FolderStorage
from tests.adapters.models.versions import pointer_to, publish, release

Break = Callable[[FolderStorage, str], None]


def _pointer_vanishes(folder: FolderStorage, name: str) -> None:
    folder.remove(f"models/{name}/current.json")


def _pointer_is_junk(folder: FolderStorage, name: str) -> None:
    folder.write(f"models/{name}/current.json", b"v2")


def _manifest_is_junk(folder: FolderStorage, name: str) -> None:
    manifest = publish(folder.registry, name, "v2")
    folder.write(f"models/{name}/v2/manifest.json", b"{")
    folder.write(f"models/{name}/current.json", pointer_to(manifest))


def _model_has_other_bytes(folder: FolderStorage, name: str) -> None:
    manifest = publish(folder.registry, name, "v2")
    folder.write(f"models/{name}/v2/model.onnx", b"MODEL v2")
    folder.write(f"models/{name}/current.json", pointer_to(manifest))


def _model_is_cut_off(folder: FolderStorage, name: str) -> None:
    manifest = publish(folder.registry, name, "v2")
    folder.write(f"models/{name}/v2/model.onnx", b"mod")
    folder.write(f"models/{name}/current.json", pointer_to(manifest))


def _version_is_half_written(folder: FolderStorage, name: str) -> None:
    manifest = publish(folder.registry, name, "v2")
    folder.remove(f"models/{name}/v2/manifest.json")
    folder.write(f"models/{name}/current.json", pointer_to(manifest))


BREAKS: dict[str, Break] = {
    "no model is promoted": _pointer_vanishes,
    "current.json: is not JSON": _pointer_is_junk,
    "manifest.json": _manifest_is_junk,
    "another SHA-256": _model_has_other_bytes,
    "cut off": _model_is_cut_off,
    "not published": _version_is_half_written,
}


@pytest.mark.parametrize("words", BREAKS)
def test_whatever_breaks_the_last_good_model_stays(
    folder: FolderStorage, name: str, words: str
) -> None:
    """Payments are scored while the storage is repaired; the log has the error once."""
    release(folder.registry, name, "v1")
    with capture_logs() as logs, cache(folder.registry, name) as cached:
        assert in_use(cached) == "model v1"

        BREAKS[words](folder, name)
        state = becomes(cached, "degraded", "v1")
        sleep(10 * QUICKLY)

        assert words in state.reason
        assert in_use(cached) == "model v1"
        release(folder.registry, name, "v3")
        becomes(cached, "ok", "v3")
    assert said(logs, name) == [
        ("model.in_use", "info"),
        ("model.kept", "warning"),
        ("model.in_use", "info"),
    ]


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (Malformed("takes other features"), "takes other features"),
        (RuntimeError("secret"), "RuntimeError"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_model_that_cannot_be_loaded_changes_nothing(
    folder: FolderStorage, name: str, raised: Exception, words: str
) -> None:
    """A file may be complete and no model; it is not downloaded again every few seconds."""
    loads = []

    def load(artefact: ModelArtefact) -> str:
        loads.append(artefact.pointer.version)
        if artefact.pointer.version == "v2":
            raise raised
        return artefact.model.decode()

    release(folder.registry, name, "v1")
    with cache(folder.registry, name, load) as cached:
        assert in_use(cached) == "model v1"

        release(folder.registry, name, "v2")
        state = becomes(cached, "degraded", "v1")
        sleep(10 * QUICKLY)

        assert state.reason == f"version v2 cannot be used: {words}"
        assert in_use(cached) == "model v1"
        assert loads == ["v1", "v2"]


def test_a_model_found_wrong_is_tried_again_after_a_while(
    folder: FolderStorage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the right file is restored, no new promotion is needed."""
    monkeypatch.setattr(cached_model, "REFUSED_SECONDS", QUICKLY)
    release(folder.registry, name, "v1")
    folder.write(f"models/{name}/v1/model.onnx", b"MODEL v1")
    with cache(folder.registry, name) as cached:
        assert in_use(cached) is None

        folder.write(f"models/{name}/v1/model.onnx", b"model v1")
        becomes(cached, "ok", "v1")

        assert in_use(cached) == "model v1"
