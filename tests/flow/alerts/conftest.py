"""One stack for all faults: each test mends what it broke."""

from collections.abc import Iterator

import pytest

from tests.flow.faults import Stand, standing


@pytest.fixture(scope="package")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A stack whose servers are in our hands, at first without a model."""
    folder = tmp_path_factory.mktemp("alerts")
    with standing(folder, MODEL_REFRESH_SECONDS="0.5") as running:
        yield running
