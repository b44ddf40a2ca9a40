"""Each function handles the event types of the topics that the registry routes to the function."""

import json

import pytest
from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.cloudevents.binding import BATCH
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.events.registry import EVENTS, consumed_topics


@pytest.mark.parametrize("topic", consumed_topics())
def test_the_consumer_accepts_the_type_of_the_topic(topic: str, container: Container) -> None:
    """The registry routes a topic to a function; that function must handle the topic's type."""
    event = EVENTS[topic]
    client = Client(FUNCTIONS[str(event.consumer)](container))
    envelope = {"specversion": "1.0", "id": "e-1", "source": "/test", "type": event.type}

    response = client.post("/", json=[{**envelope, "data": {}}], content_type=BATCH)

    (result,) = json.loads(response.data)
    assert "type: must be" not in result["reason"]
    assert result["status"] == 422
