from collections.abc import Iterator

import pytest

from tests.logs import as_before


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Every command configures logging."""
    with as_before():
        yield
