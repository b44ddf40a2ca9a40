"""The committed AsyncAPI document against the events that the engine publishes."""

import json
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import Client

from infra.generate import asyncapi
from infra.generate.asyncapi import DOCUMENT, document, main
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.container import Container
from risksentinel.events.registry import EVENTS
from tests.functions.caller import ALERTS, DECLINING, LARGE, NOW, RULES, TRANSACTIONS, said

PUBLISHED = {
    "transactions.scored",
    "transactions.labelled",
    "alerts.raised",
    "alerts.updated",
    "reports.due",
    "rules.changed",
}


def test_the_document_of_the_topics_is_current() -> None:
    """Consumers generate their classes from the document."""
    assert main(["--check"]) == 0, "run `python -m infra.generate.asyncapi`"


def test_the_document_names_every_topic_once() -> None:
    """Consumers need the description of every topic."""
    assert {each["address"] for each in document()["channels"].values()} == {*EVENTS}


def test_published_events_match_the_document(api: Client, container: Container) -> None:
    """The payloads in the document are written by hand, so real events verify them."""
    payment = {**LARGE, "id": "p-1", "receiver_country": "GB"}
    alert = said(api.post(TRANSACTIONS, json=payment), 201)["alert_id"]
    changed = {"status": "resolved", "disposition": "confirmed_fraud"}
    said(api.patch(f"{ALERTS}{alert}", json=changed))
    said(api.post(RULES, json=DECLINING), 201)

    pending = SqlOutbox(container.engine).lease(100, NOW, NOW + timedelta(seconds=30))

    assert {waiting.event.topic for waiting in pending} >= PUBLISHED
    for waiting in pending:
        fault = _fault_of(waiting.event.topic, waiting.event.type, dict(waiting.event.data))
        assert fault is None, f"{waiting.event.topic}: {fault}"


def test_a_document_that_is_not_current_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI refuses a release with an outdated document."""
    monkeypatch.setattr(asyncapi, "DOCUMENT", DOCUMENT.with_name("missing.json"))

    assert main(["--check"]) == 1
    assert "python -m infra.generate.asyncapi" in capsys.readouterr().err


def _fault_of(topic: str, event_type: str, data: object) -> str | None:
    kept = json.loads(DOCUMENT.read_bytes())
    (message,) = kept["channels"][topic]["messages"].values()
    assert message["name"] == event_type
    schema = {"$ref": "#/payload", "payload": message["payload"], "components": kept["components"]}
    plain = json.loads(json.dumps(data, default=str))
    known = message["payload"].get("properties", plain)
    unknown = plain.keys() - known.keys()
    faults = [error.message for error in Draft202012Validator(schema).iter_errors(plain)]
    return next(iter([*faults, *unknown]), None)
