"""Every decision that a container's tests made is computed again before the container closes."""

from collections.abc import Iterator

import pytest

from risksentinel.assembly.container import Container, _engine
from risksentinel.settings import Settings
from tests.replayed import NO_MODELS, replay_all


@pytest.fixture(autouse=True, scope="session")
def every_decision_is_computed_again() -> Iterator[None]:
    """A container's decisions are computed again before it closes; `emptied` does the same."""
    close = Container.close

    def replayed(container: Container) -> None:
        engine = container._parts.get(_engine)  # noqa: SLF001 - not opened only to be closed
        try:
            if engine is not None:
                replay_all(engine, _folder_of_models(container.settings))
        finally:
            close(container)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Container, "close", replayed)
        yield


def _folder_of_models(settings: Settings) -> str:
    """The registry in a folder; object storage may be gone before the container closes."""
    return NO_MODELS if settings.models.startswith("s3://") else settings.models
