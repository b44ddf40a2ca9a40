"""The row "an event type" of "I want to add" in docs/contributing.md."""

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from infra.generate import asyncapi
from infra.generate.asyncapi_payloads import PAYLOADS, Payload
from risksentinel.adapters.kafka.topics import DAY_MS, needed_topics
from risksentinel.embedded.engine import consumers
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.events.event import Event
from risksentinel.events.registry import EVENTS, EventType, is_known, topic_of
from risksentinel.ports.publishing import Outcome
from tests.functions.caller import NOW
from tests.functions.registries import add


def test_an_event_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered event type has a topic, dead letters, metrics and a place in AsyncAPI."""
    blocked = EventType("za.risksentinel.device.blocked.v1", "score", 3)
    add(monkeypatch, EVENTS, "devices.blocked", blocked)
    add(monkeypatch, PAYLOADS, "devices.blocked", Payload(blocked.type, "A blocked device", {}))

    topics = {topic.name: topic for topic in needed_topics(partitions=8, replicas=1)}
    channel = asyncapi.document()["channels"]["devices.blocked"]

    assert topics["devices.blocked"].settings["retention.ms"] == str(3 * DAY_MS)
    assert "devices.blocked.dlq" in topics
    assert topic_of(blocked.type) == "devices.blocked"
    assert is_known(blocked.type)
    assert channel["description"].startswith("Consumed by score")


def test_an_event_type_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a broker the events of a registered type go to the function that consumes them."""
    topic, seen = "devices.blocked", list[str]()

    @Request.application
    def score(request: Request) -> Response:
        seen.append(request.headers["ce-type"])
        return Response(status=204)

    blocked = EventType("za.risksentinel.device.blocked.v1", "score", 3)
    add(monkeypatch, EVENTS, topic, blocked)

    deliver = consumers({**dict.fromkeys(FUNCTIONS, NotFound()), "score": score})[topic]
    (delivery,) = deliver([Event(topic, "e-1", blocked.type, "/test", "d-1", "d-1", NOW, {})])

    assert delivery.outcome is Outcome.DELIVERED
    assert seen == [blocked.type]
