"""ModelRegistry: the storage of model versions. RecordedPromotions: the database's word on it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from risksentinel.domain.model_version import Manifest, ModelArtefact, Pointer


class ModelRegistry(Protocol):
    """Immutable versions of models, and a pointer to the promoted one.

    Each method raises Malformed for an invalid name, and for stored content that is damaged.
    """

    def promoted(self, name: str) -> Pointer | None:
        """The promoted version; None before the first promotion. Cheap enough to poll."""

    def pointer(self, name: str, version: str) -> Pointer:
        """The pointer to a published version, as `promote` would store it. Raises NotFound."""

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified. Raises NotFound."""

    def current(self, name: str) -> ModelArtefact | None:
        """The promoted version, verified; None before the first promotion. Raises NotFound."""

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Store a new version; it becomes visible when it is complete.

        Raises Malformed where files differ from the manifest, Conflict where the version exists.
        """

    def promote(self, name: str, version: str) -> Pointer:
        """Promote a version that can be served.

        Raises NotFound where it is not published, StaleVersion after a concurrent promotion.
        """

    def rollback(self, name: str) -> Pointer:
        """Promote the previously promoted version again.

        Raises NotFound where there is none, StaleVersion after a concurrent promotion.
        """

    def previous(self, name: str) -> Pointer | None:
        """The version that `rollback` would promote; None where there is none."""

    def manifest(self, name: str, version: str) -> Manifest:
        """The manifest of a published version. Raises NotFound."""

    def versions(self, name: str) -> Sequence[str]:
        """The published versions, in natural order: v10 follows v9."""

    def close(self) -> None: ...


class RecordedPromotions(Protocol):
    """The promotions that the database has recorded."""

    def require(self, name: str, pointer: Pointer) -> None:
        """Return if this version is the last that was recorded as promoted.

        Raises Rejected where it is not, Unavailable where the database does not answer.
        """
