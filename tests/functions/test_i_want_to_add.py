"""The rows of "I want to add" in docs/contributing.md: each adds an entry to its registry.

An entry is added to the registry itself for one test, so that every module that imported the
registry reads the entry.
"""

from decimal import Decimal
from pathlib import Path

import pytest
from werkzeug.test import Client

from functions.alert_dispatch.raised_events import routes as raised_events
from risksentinel.adapters.channels import CHANNELS, Registration, channels
from risksentinel.adapters.channels.endpoints import endpoints_from
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.assembly.container import Container
from risksentinel.cloudevents.binding import to_binary_http
from risksentinel.domain.signal import Reading
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.events.event import Event
from risksentinel.events.payment_submitted import TYPE as SUBMITTED
from risksentinel.http.function_app import function_app
from risksentinel.payment_formats import FORMATS
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.ports.alerting import Endpoint
from risksentinel.rules.fields import FIELDS, Field
from risksentinel.rules.kinds import FieldKind
from risksentinel.rules.operators import OPERATORS, Operator, Takes
from risksentinel.scoring.escalations import ESCALATIONS
from risksentinel.scoring.escalations.escalation import Raise
from risksentinel.scoring.signals import SIGNALS, Signal
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics
from risksentinel.usecases.dispatch_alert import DispatchAlert
from tests.adapters.channels.alerts import raised
from tests.fakes.alerts import InMemoryAlerts
from tests.functions.caller import NOW, PAYMENT, RULES, TRANSACTIONS, caller, said
from tests.functions.registries import add

CSV = "text/csv"
LINE = b"p-1,acc-1,shop-1,120.00,pos"


def declining(field: str, operator: str, value: object) -> dict[str, object]:
    """A rule that declines."""
    return {
        "name": "Added",
        "condition": {"field": field, "operator": operator, "value": value},
        "weight": 1,
        "severity": "critical",
        "action": "decline",
    }


def from_csv(body: bytes) -> PaymentDocument:
    """Read a payment from one line of CSV."""
    names = ("id", "sender_id", "receiver_id", "amount_zar", "channel")
    return document(dict(zip(names, body.decode().strip().split(","), strict=True)))


def test_a_rule_operator(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered operator is listed, accepted in a rule, and evaluated."""
    multiple = Operator(
        "a multiple of",
        (FieldKind.INTEGER,),
        Takes.ONE,
        lambda value, of: value % of == 0,
        (4, 2),
        (3, 2),
    )
    add(monkeypatch, OPERATORS, "multiple_of", multiple)

    said(api.post(RULES, json=declining("local_hour", "multiple_of", 7)), 201)  # it is 14:00
    words = said(api.get(f"{RULES}vocabulary"))

    assert said(api.post(TRANSACTIONS, json=PAYMENT), 201)["decision"] == "decline"
    assert "multiple_of" in {word["name"] for word in words["operators"]}


def test_a_field_for_rules(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered field is listed, accepted in a rule, and evaluated."""
    length = Field(
        FieldKind.INTEGER, "length of the account", lambda seen: len(seen.transaction.receiver_id)
    )
    add(monkeypatch, FIELDS, "receiver_id.length", length)

    said(api.post(RULES, json=declining("receiver_id.length", "gte", 6)), 201)
    words = said(api.get(f"{RULES}vocabulary"))

    assert said(api.post(TRANSACTIONS, json=PAYMENT), 201)["decision"] == "decline"
    assert "receiver_id.length" in {word["name"] for word in words["fields"]}


def test_an_escalation(monkeypatch: pytest.MonkeyPatch, api: Client) -> None:
    """A registered escalation decides, and the receipt names it, also when it is computed again."""
    add(
        monkeypatch,
        ESCALATIONS,
        "always_reviewed",
        lambda grounds: Raise(grounds.policy.high, "every payment is reviewed"),
    )

    answer = said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
    receipt = said(api.get(f"{TRANSACTIONS}p-1/score"))

    assert answer["decision"] == "review"
    assert answer["reasons"][0] == "every payment is reviewed"
    assert receipt["escalations"][-1]["name"] == "always_reviewed"


@pytest.mark.usefixtures("container")  # it copies the database to tmp_path
def test_a_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered signal contributes to the score; the other weights stay in proportion."""
    # The weights are cached by ML_WEIGHT: this value is not used by another test.
    settings = Settings(risksentinel_home=tmp_path, ml_weight=0.4321)
    add(
        monkeypatch,
        SIGNALS,
        "added",
        Signal(lambda _facts, _policy: Reading(1.0, ("the added signal",), {"seen": True}), 1.0),
    )
    own = Container(settings, clock=lambda: NOW)
    try:
        api = caller(own)
        answer = said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)
        receipt = said(api.get(f"{TRANSACTIONS}p-1/score"))
    finally:
        own.close()

    contributions = [Decimal(str(each["contribution"])) for each in receipt["signals"].values()]
    # Of the others only velocity answers, with 0.33: no rule, no earlier payment and no model.
    weight = 1 / (1 + 0.33)
    assert receipt["signals"]["added"]["weight"] == pytest.approx(weight, abs=0.0001)
    assert receipt["signals"]["added"]["details"] == {"seen": True}
    assert "the added signal" in answer["reasons"]
    assert sum(contributions) == Decimal(str(receipt["composite"]))


def test_an_alert_channel(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registered channel sends to the addresses of its setting."""
    sent: list[tuple[str, Event]] = []

    class Pager:
        def send(self, endpoint: Endpoint, event: Event) -> None:
            sent.append((endpoint.address, event))

    add(monkeypatch, CHANNELS, "pager", Registration(lambda _http, _clock: Pager(), "PAGER_URLS"))
    address = "https://pager.example.com/hook"
    endpoints = endpoints_from({"pager": address}, None, allow_private=False)
    http = GuardedHttp(allow_private=False)
    deliveries = SqlDeliveries(container.engine)
    made = channels(http, lambda: NOW)
    dispatch = DispatchAlert(InMemoryAlerts.of(raised()), deliveries, made, endpoints, lambda: NOW)
    function = function_app("alert-dispatch")
    function.register_blueprint(raised_events(dispatch, FunctionMetrics("alert-dispatch")))

    headers, body = to_binary_http(raised())
    answer = Client(function).post("/", headers=headers, data=body)

    assert answer.status_code == 204
    assert [(to, event.id) for to, event in sent] == [(address, raised().id)]


@pytest.mark.parametrize("content_type", [CSV, "text/csv; charset=utf-8", "Text/CSV"])
def test_a_payment_format_over_http(
    api: Client, content_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API takes a registered format by its content type."""
    add(monkeypatch, FORMATS, CSV, from_csv)

    first = api.post(TRANSACTIONS, data=LINE, content_type=content_type)
    as_json = dict(zip(("sender_id", "receiver_id", "amount_zar"), PAYMENT.values(), strict=False))
    again = api.post(TRANSACTIONS, json={**as_json, "id": "p-1", "channel": "pos"})

    assert said(first, 201)["id"] == "p-1"
    assert said(again, 200) == said(first, 201)


def test_a_payment_format_by_event(
    container: Container, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The payment broker sends the same formats."""
    add(monkeypatch, FORMATS, CSV, from_csv)
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "e-1",
        "ce-source": "/broker",
        "ce-type": SUBMITTED,
        "ce-time": "2026-05-01T11:59:00Z",
    }

    function = Client(FUNCTIONS["ingest"](container))
    answer = function.post("/", headers=headers, data=LINE, content_type=CSV)

    assert answer.status_code == 204, answer.text
    assert said(api.get(f"{TRANSACTIONS}p-1"))["sender_id"] == "acc-1"


def test_a_payment_format_is_in_the_document(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The API's document lists the content types from the registry."""
    add(monkeypatch, FORMATS, CSV, from_csv)

    document = FUNCTIONS["ingest"](container).api_doc

    body = document["paths"]["/api/v1/transactions/"]["post"]["requestBody"]
    assert body["content"].keys() == {"application/json", CSV}
