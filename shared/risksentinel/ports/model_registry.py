"""Where versions of models are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from risksentinel.domain.model_version import Manifest, ModelArtefact, Pointer


class ModelRegistry(Protocol):
    """Versions of models, kept for good, and which of them is promoted.

    Each method raises Malformed where a name is none, and where what is kept is not what it says.
    """

    def promoted(self, name: str) -> Pointer | None:
        """Which version is promoted; None before the first promotion. Cheap enough to poll."""

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified. Raises NotFound."""

    def current(self, name: str) -> ModelArtefact | None:
        """The promoted version, verified; None before the first promotion. Raises NotFound."""

    def publish(self, manifest: Manifest, files: Mapping[str, bytes]) -> None:
        """Keep a new version, which nobody sees before it is whole.

        Raises Malformed where the files are not the manifest's, and Conflict where it exists.
        """

    def promote(self, name: str, version: str) -> Pointer:
        """Point to a version that can be served.

        Raises NotFound where it is not published, StaleVersion where somebody else was faster.
        """

    def rollback(self, name: str) -> Pointer:
        """Point again to the version that was promoted before the promoted one.

        Raises NotFound where there is none, StaleVersion where somebody else was faster.
        """

    def manifest(self, name: str, version: str) -> Manifest:
        """What a published version says of itself. Raises NotFound."""

    def versions(self, name: str) -> Sequence[str]:
        """The published versions, in the order of their names: v10 comes after v9."""

    def close(self) -> None: ...
