from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from typing_extensions import override

from risksentinel.domain.alert import Alert
from risksentinel.domain.verdict import RiskLevel
from risksentinel.errors import Malformed, Misconfigured, Rejected, Retryable, Unavailable
from risksentinel.events import alert_raised
from risksentinel.events.event import Event
from risksentinel.ports.alerting import Endpoint
from risksentinel.usecases.dispatch_alert import DispatchAlert
from tests.fakes.alerts import InMemoryAlerts
from tests.fakes.deliveries import InMemoryDeliveries

NOW = datetime(2026, 5, 1, 8, 31, tzinfo=UTC)
EVENT = alert_raised.encode(
    Alert(
        id="a-1",
        transaction_id="tx-1",
        sender_id="s-1",
        receiver_id="r-1",
        amount_zar=Decimal("75000.00"),
        score=Decimal("0.93"),
        severity=RiskLevel.CRITICAL,
        reasons=("11 payments in 5 minutes",),
        raised_at=NOW,
    ),
    event_id="a-1.raised",
    source="/risksentinel/score",
)


@dataclass(slots=True)
class Told:
    """A channel that fails as configured and remembers its deliveries."""

    failing: dict[str, Exception] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)

    def send(self, endpoint: Endpoint, event: Event) -> None:
        """Deliver, or raise the error that is set for the endpoint."""
        assert event == EVENT
        self.served.append(endpoint.id)
        if endpoint.id in self.failing:
            raise self.failing[endpoint.id]


class Forgetful(InMemoryDeliveries):
    """Deliveries whose database fails before an outcome is stored."""

    away = False

    @override
    def note(self, *what: Any, **how: Any) -> None:
        """Store the outcome, or fail."""
        if self.away:
            raise Unavailable("database")
        super().note(*what, **how)


def dispatcher(channel: Told, *names: str) -> DispatchAlert:
    """A dispatcher for the named endpoints, all of one channel."""
    endpoints = [Endpoint(name, "told", f"https://{name}.example/hush", None) for name in names]
    return DispatchAlert(
        InMemoryAlerts.of(EVENT), InMemoryDeliveries(), {"told": channel}, endpoints, lambda: NOW
    )


def test_each_endpoint_receives_the_alert_once() -> None:
    """Kafka delivers at least once, and an analyst must not be paged twice."""
    channel = Told()
    dispatch = dispatcher(channel, "a", "b")

    dispatch(EVENT)
    dispatch(EVENT)

    assert sorted(channel.served) == ["a", "b"]


def test_a_redelivery_goes_only_to_those_who_failed() -> None:
    """The other endpoints have received the alert."""
    channel = Told(failing={"b": Unavailable("b")})
    dispatch = dispatcher(channel, "a", "b", "c")

    with pytest.raises(Retryable, match=r"^b: b does not answer$"):
        dispatch(EVENT)
    channel.failing.clear()
    dispatch(EVENT)

    assert sorted(channel.served) == ["a", "b", "b", "c"]


def test_a_delivery_that_could_not_be_noted_is_not_made_again() -> None:
    """The database may fail between an endpoint's answer and the storage of the outcome."""
    channel, deliveries = Told(), Forgetful()
    dispatch = replace(dispatcher(channel, "a", "b"), deliveries=deliveries)
    deliveries.away = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            dispatch(EVENT)

    deliveries.away = False
    dispatch(EVENT)
    dispatch(EVENT)

    assert sorted(channel.served) == ["a", "b"]
    assert deliveries.open(EVENT.id, "a-1", ["a", "b"], NOW) == set()


def test_a_refusal_is_a_dead_letter_once_the_others_are_served() -> None:
    """A dead letter shows that an endpoint refused; the other endpoints do not wait for it."""
    channel = Told(failing={"a": Rejected("is gone"), "c": Rejected("is internal")})
    dispatch = dispatcher(channel, "a", "b", "c")

    with pytest.raises(Rejected) as caught:
        dispatch(EVENT)

    assert str(caught.value) == "a: is gone; c: is internal"
    assert "b" in channel.served


def test_a_refusal_waits_for_those_who_may_take_it_later() -> None:
    """A dead letter is not retried, so the other endpoint would never receive the alert."""
    channel = Told(failing={"a": Rejected("is gone"), "b": Retryable("answered 503")})
    dispatch = dispatcher(channel, "a", "b")

    with pytest.raises(Retryable, match=r"^a: is gone; b: answered 503$"):
        dispatch(EVENT)
    del channel.failing["b"]
    with pytest.raises(Rejected, match=r"^a: is gone$"):
        dispatch(EVENT)

    assert channel.served.count("b") == 2


def test_a_replay_tries_those_who_refused() -> None:
    """The operator replays the letter after the endpoint was corrected."""
    channel = Told(failing={"a": Rejected("is gone")})
    dispatch = dispatcher(channel, "a", "b")
    with pytest.raises(Rejected):
        dispatch(EVENT)
    channel.failing.clear()

    dispatch(EVENT)

    assert (channel.served.count("a"), channel.served.count("b")) == (2, 1)


def test_each_attempt_is_noted_with_its_outcome() -> None:
    """An operator must see which endpoints have the alert, and why others do not."""
    deliveries = InMemoryDeliveries()
    failing: dict[str, Exception] = {"b": Retryable("answered 503"), "c": Rejected("is gone")}
    dispatch = replace(dispatcher(Told(failing), "a", "b", "c"), deliveries=deliveries)

    for _ in range(2):
        with pytest.raises(Retryable):
            dispatch(EVENT)

    noted = {
        kept.endpoint: (kept.attempts, kept.status, kept.last_reason)
        for kept in deliveries.of_alert("a-1")
    }
    assert noted == {
        "a": (1, "delivered", ""),
        "b": (2, "pending", "answered 503"),
        "c": (2, "failed", "is gone"),
    }


def test_a_slow_endpoint_delays_no_other() -> None:
    """Each comes through only when all of them are being served at the same moment."""
    together = Barrier(3, timeout=2)

    class Slow:
        def send(self, _endpoint: Endpoint, _event: Event) -> None:
            together.wait()

    dispatch = replace(dispatcher(Told(), "a", "b", "c"), channels={"told": Slow()})

    dispatch(EVENT)

    assert not together.broken


@pytest.mark.parametrize("bug", [KeyError("hush"), Misconfigured("no secret")])
def test_a_bug_in_one_channel_takes_nothing_from_the_others(bug: Exception) -> None:
    """The bug is raised after the outcomes of the other endpoints are stored."""
    deliveries = InMemoryDeliveries()
    dispatch = replace(dispatcher(Told({"a": bug}), "a", "b"), deliveries=deliveries)

    with pytest.raises(type(bug)):
        dispatch(EVENT)

    a, b = deliveries.of_alert("a-1")
    assert (a.status, a.last_reason) == ("pending", type(bug).__name__)
    assert b.status == "delivered"


def test_without_endpoints_there_is_nothing_to_do() -> None:
    """A new installation has no endpoints, and that is no error."""
    deliveries = InMemoryDeliveries()

    replace(dispatcher(Told()), deliveries=deliveries)(EVENT)

    assert deliveries.kept == {}


@pytest.mark.parametrize(
    "event", [replace(EVENT, data={}), replace(EVENT, type="za.risksentinel.alert.raised.v2")]
)
def test_an_event_that_is_not_an_alert_is_not_sent(event: Event) -> None:
    """A retry cannot succeed, so the event is a dead letter at once."""
    channel = Told()

    with pytest.raises(Malformed):
        dispatcher(channel, "a")(event)

    assert channel.served == []
