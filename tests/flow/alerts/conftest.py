"""One stack for all tests: each test repairs the fault that it makes."""

from collections.abc import Iterator

import pytest

from tests.flow.fault_bench import FaultBench, fault_bench


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultBench]:
    """A stack whose servers a test can stop; the first tests have no model."""
    folder = tmp_path_factory.mktemp("alerts")
    with fault_bench(folder, MODEL_REFRESH_SECONDS="0.5") as running:
        yield running
