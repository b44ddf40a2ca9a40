from collections.abc import Iterator
from datetime import datetime

import pytest

from risksentinel.cli import labels
from tests.adapters.sql.samples import NOW
from tests.cli.exported import A_DAY, WINDOW
from tests.logs import as_before


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Restore the logging that each command configures."""
    with as_before():
        yield


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The command runs just after the chargeback window of a payment made a day after NOW."""
    as_of = NOW + A_DAY + WINDOW
    monkeypatch.setattr(labels, "now", lambda: as_of)
    return as_of
