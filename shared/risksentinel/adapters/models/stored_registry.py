"""StoredModelRegistry: immutable model versions in a storage, and a pointer to the promoted one.

models/<name>/<version>/{model.onnx, ..., manifest.json}
models/<name>/current.json
"""

import re
from collections.abc import Mapping

from risksentinel.adapters.models.documents import (
    MAX_OF_A_DOCUMENT,
    digest,
    manifest_of,
    pointer_of,
    promotions_of,
    written,
)
from risksentinel.adapters.models.model_objects import Objects, Stored
from risksentinel.domain.model_fields import MANIFEST_FILE, POINTER_FILE, is_name, named
from risksentinel.domain.model_version import (
    MODEL_FILE,
    Manifest,
    ModelArtefact,
    Pointer,
    Promotions,
    StoredFile,
)
from risksentinel.errors import Conflict, Malformed, NotFound, StaleVersion, Violation


class StoredModelRegistry:
    """Meets `ports.ModelRegistry` on any storage."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._pointers: dict[
            str, Stored
        ] = {}  # as last read: an unchanged pointer is not sent again

    def promoted(self, name: str) -> Pointer | None:
        """The promoted version; None before the first promotion."""
        key = _pointer_key(name)
        stored = self._objects.read(key, MAX_OF_A_DOCUMENT, self._pointers.get(name))
        if stored is None:
            return None
        self._pointers[name] = stored
        return pointer_of(stored.body, key)

    def pointer(self, name: str, version: str) -> Pointer:
        """The pointer to a published version, as `promote` would store it."""
        return Pointer(version=version, manifest_sha256=self._manifest(name, version)[1])

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified."""
        manifest, sha256 = self._manifest(name, pointer.version)
        if sha256 != pointer.manifest_sha256:
            raise Malformed(f"{pointer.version}/{MANIFEST_FILE} is not the promoted one")
        model = self._verified(name, pointer.version, manifest.files[MODEL_FILE])
        return ModelArtefact(pointer, manifest, model)

    def current(self, name: str) -> ModelArtefact | None:
        """The promoted version, verified; None before the first promotion."""
        pointer = self.promoted(name)
        return None if pointer is None else self.artefact(name, pointer)

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Store a new version, its manifest last: without the manifest it is not published."""
        _refuse_other_files(manifest, files)
        folder = _version_key(manifest.name, manifest.version)
        manifest_key, body = f"{folder}/{MANIFEST_FILE}", written(manifest)
        if self._objects.read(manifest_key, MAX_OF_A_DOCUMENT) is not None:
            raise Conflict(f"version {manifest.version} is published: versions never change")
        for file in sorted(
            files
        ):  # of two processes that publish at once, the first difference stops one
            self._add(f"{folder}/{file}", files[file])
        self._add(manifest_key, body)

    def promote(self, name: str, version: str) -> Pointer:
        """Promote the version, after a check that it can be served."""
        key = _pointer_key(name)
        before = self._objects.read(key, MAX_OF_A_DOCUMENT)
        pointer = self.pointer(name, version)
        self.artefact(name, pointer)
        self._replace(key, _promoted(pointer, before, key), before)
        return pointer

    def rollback(self, name: str) -> Pointer:
        """Promote the previously promoted version again, if it can be served."""
        key = _pointer_key(name)
        before = self._objects.read(key, MAX_OF_A_DOCUMENT)
        now = None if before is None else promotions_of(before.body, key).rolled_back()
        if now is None:
            raise NotFound("no version was promoted before this one")
        self.artefact(name, now.pointer)
        self._replace(key, now, before)
        return now.pointer

    def previous(self, name: str) -> Pointer | None:
        """The version that `rollback` would promote; None where there is none."""
        key = _pointer_key(name)
        stored = self._objects.read(key, MAX_OF_A_DOCUMENT)
        before = None if stored is None else promotions_of(stored.body, key).rolled_back()
        return None if before is None else before.pointer

    def manifest(self, name: str, version: str) -> Manifest:
        """The manifest of a published version."""
        return self._manifest(name, version)[0]

    def versions(self, name: str) -> list[str]:
        """The published versions, in natural order: v10 follows v9."""
        keys = self._objects.keys(f"models/{named('name', name)}")
        steps = (key.split("/")[2:] for key in keys)
        found = [path[0] for path in steps if path[1:] == [MANIFEST_FILE] and is_name(path[0])]
        return sorted(found, key=_with_numbers)

    def close(self) -> None:
        """Close the connections to the storage."""
        self._objects.close()

    def _replace(self, key: str, now: Promotions, before: Stored | None) -> None:
        if not self._objects.replace(key, written(now), before):
            raise StaleVersion("another version was promoted meanwhile: check, and promote again")

    def _manifest(self, name: str, version: str) -> tuple[Manifest, str]:
        key = f"{_version_key(name, version)}/{MANIFEST_FILE}"
        stored = self._objects.read(key, MAX_OF_A_DOCUMENT)
        if stored is None:
            raise NotFound(f"version {version} is not published: it has no {MANIFEST_FILE}")
        manifest = manifest_of(stored.body, f"{version}/{MANIFEST_FILE}")
        if (manifest.name, manifest.version) != (name, version):
            raise Malformed(f"{version}/{MANIFEST_FILE} describes another version")
        return manifest, digest(stored.body)

    def _verified(self, name: str, version: str, what: StoredFile) -> bytes:
        stored = self._objects.read(f"{_version_key(name, version)}/{MODEL_FILE}", what.size)
        if stored is None:
            raise NotFound(f"{version}/{MODEL_FILE} is missing")
        if len(stored.body) < what.size:
            raise Malformed(
                f"{version}/{MODEL_FILE} is cut off: the manifest says {what.size} bytes"
            )
        if digest(stored.body) != what.sha256:
            raise Malformed(f"{version}/{MODEL_FILE} has another SHA-256 than the manifest says")
        return stored.body

    def _add(self, key: str, body: bytes) -> None:
        # The same bytes exist after an interrupted attempt, or after a lost answer.
        if not self._objects.add(key, body) and not self._holds(key, body):
            raise Conflict(f"{key} exists with other content: publish under another version")

    def _holds(self, key: str, body: bytes) -> bool:
        try:
            stored = self._objects.read(key, len(body))
        except Malformed:
            return False
        return stored is not None and stored.body == body


def _pointer_key(name: str) -> str:
    return f"models/{named('name', name)}/{POINTER_FILE}"


def _promoted(pointer: Pointer, before: Stored | None, key: str) -> Promotions:
    """The pointer with the earlier ones; without them where the old pointer is unreadable."""
    alone = Promotions(**pointer.model_dump())
    if before is None:
        return alone
    try:
        last = promotions_of(before.body, key)
    except Malformed:
        return alone
    return last if last.pointer == pointer else last.then(pointer)


def _version_key(name: str, version: str) -> str:
    return f"models/{named('name', name)}/{named('version', version)}"


def _refuse_other_files(manifest: Manifest, files: Mapping[str, bytes]) -> None:
    violations = [
        Violation(f"files.{file}", "differs from the manifest")
        for file in sorted(manifest.files.keys() | files.keys())
        if manifest.files.get(file) != _described(files.get(file))
    ]
    if violations:
        raise Malformed(violations)


def _described(content: bytes | None) -> StoredFile | None:
    return None if content is None else StoredFile(sha256=digest(content), size=len(content))


def _with_numbers(version: str) -> list[tuple[str, int]]:
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D+|^)(\d*)", version)]
