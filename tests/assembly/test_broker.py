"""The broker takes a payment that the database does not, within the payment's deadline."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from risksentinel.assembly import broker
from risksentinel.assembly.broker import publisher
from risksentinel.assembly.container import Container
from risksentinel.deadline import decide_by
from risksentinel.errors import Late
from risksentinel.ports.publishing import Delivery, Outcome
from risksentinel.settings import Settings

DELIVERED = [Delivery(Outcome.DELIVERED)]


class StalledPublisher:
    """Answers once it may, as a client whose broker is stopped."""

    def __init__(self) -> None:
        self.may = Event()

    def publish(self, _events: Sequence[object]) -> list[Delivery]:
        """One event is delivered."""
        self.may.wait(10)
        return DELIVERED


def test_a_stalled_broker_is_late_at_the_deadline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client of the broker has timeouts of seconds; the payment gets 503 in time."""
    stalled = StalledPublisher()
    monkeypatch.setattr(broker, "_kafka_publisher", lambda _container: stalled)
    settings = Settings(risksentinel_home=tmp_path, kafka_bootstrap_servers="127.0.0.1:1")
    mine = publisher(Container(settings))
    assert mine is not None

    began = monotonic()
    with decide_by(began, 0.2), pytest.raises(Late, match="broker"):
        mine.publish([])
    took = monotonic() - began
    stalled.may.set()

    assert took < 5
    assert mine.publish([]) == DELIVERED
