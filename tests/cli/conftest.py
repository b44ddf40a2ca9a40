from collections.abc import Iterator
from datetime import datetime

import pytest

from risksentinel.cli import labels
from tests.adapters.sql.samples import NOW
from tests.cli.exported import A_DAY, WINDOW
from tests.logs import as_before


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Every command configures logging."""
    with as_before():
        yield


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The command runs when the window of what was paid a day after NOW is just over."""
    as_of = NOW + A_DAY + WINDOW
    monkeypatch.setattr(labels, "now", lambda: as_of)
    return as_of
