"""Payments without a decision in shadow: imported, dropped, not stored, or without a version."""

from unittest.mock import patch

import pytest

from risksentinel.errors import Unavailable
from risksentinel.usecases import score_in_shadow
from tests.fakes.memory_ledger import InMemoryLedger
from tests.usecases.payments import paid
from tests.usecases.shadow_bench import SOURCE, STRICT, Bench, in_shadow


def test_imported_history_is_not_decided() -> None:
    """It is not part of the traffic that the versions are compared on."""
    bench = Bench(in_shadow(STRICT))

    bench.score([paid("t1")], SOURCE, {}, learn_only=True)

    assert bench.passes() == 0


def test_payments_that_find_no_room_are_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A shadow that lags must neither wait nor take memory without bound."""
    monkeypatch.setattr(score_in_shadow, "MAX_WAITING", 3)
    bench = Bench(in_shadow(STRICT))

    answers = bench.score([paid(f"t{number}") for number in range(5)], SOURCE, {})

    assert len(answers) == 5
    assert bench.meter.shadows == {"dropped": 2}
    assert bench.passes() == 3
    bench.score([paid("t9")], SOURCE, {})
    bench.shadow.drop()
    assert bench.meter.shadows["dropped"] == 3
    assert bench.passes() == 0


def test_decisions_that_cannot_be_stored_are_counted() -> None:
    """The comparison must not look complete."""
    bench = Bench(in_shadow(STRICT))
    bench.score([paid("t1")], SOURCE, {})

    with patch.object(InMemoryLedger, "unit", side_effect=Unavailable("database")):
        bench.passes()

    assert bench.meter.shadows == {"failed": 1}


def test_without_a_readable_version_in_shadow_nothing_is_decided() -> None:
    """The shadow ended, or the database does not answer."""
    bench = Bench(in_shadow(STRICT))
    bench.score([paid("t1")], SOURCE, {})
    bench.rules.shadow = None
    assert bench.passes() == 1
    bench.rules.away = True
    assert not bench.shadow.is_on()
    assert not bench.stored
