"""Shared by the tests of the functions: a client of the gateway, and what it sends."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

from risksentinel.assembly.container import Container
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.embedded.gateway import Gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
TRANSACTIONS = "/api/v1/transactions/"
ALERTS = "/api/v1/alerts/"
REPORTS = "/api/v1/reports/"
RULES = "/api/v1/rules/"
LISTS = "/api/v1/lists/"
PROPOSALS = "/api/v1/proposals/"
POLICIES = "/api/v1/policies/"
ENTRIES = f"{LISTS}mule/entries"
PAYMENT = {"sender_id": "acc-1", "receiver_id": "shop-1", "amount_zar": "120.00", "channel": "pos"}
LARGE = {**PAYMENT, "amount_zar": "750000.00"}  # above the limit: raises an alert
CASH = {**PAYMENT, "channel": "branch", "rail": "cash", "amount_zar": "50000.00"}
ABROAD = {**PAYMENT, "channel": "branch", "receiver_country": "GB", "amount_zar": "20000.00"}
DECLINING = {  # a rule
    "name": "Large payments",
    "condition": {"field": "amount_zar", "operator": "gte", "value": "750000.00"},
    "weight": 1,
    "severity": "critical",
    "action": "decline",
}
RULE = {
    "name": "Large in a shop",
    "description": "An unusual amount for groceries",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "100.00"},
    "weight": 0.5,
    "severity": "high",
    "floor": 0.95,
}


class _Functions(dict[str, "WSGIApplication"]):
    """Builds a function at its first request, so that a test builds only what it uses."""

    def __init__(self, container: Container) -> None:
        super().__init__()
        self._container = container

    def __missing__(self, name: str) -> "WSGIApplication":
        self[name] = FUNCTIONS[name](self._container)
        return self[name]


def gateway(container: Container) -> Gateway:
    """The five functions behind their gateway."""
    return Gateway(_Functions(container))


def caller(container: Container) -> Client:
    """A client of the functions behind their gateway."""
    return Client(gateway(container))


def said(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """The JSON of a response that must have this status."""
    assert answer.status_code == status, answer.text
    return dict(answer.get_json(force=True))


def violations(answer: TestResponse, status: int = 422) -> dict[str, str]:
    """The messages of a problem by their paths."""
    problem = said(answer, status)
    assert answer.content_type == "application/problem+json"
    return {violation["path"]: violation["message"] for violation in problem["errors"]}


def change_alert(
    api: Client, alert: dict[str, Any], body: object, headers: dict[str, str] | None = None
) -> TestResponse:
    """Send a change of the alert."""
    return api.patch(ALERTS + alert["id"], json=body, headers=headers)


def address(rule: dict[str, Any]) -> str:
    """The path of the rule."""
    return RULES + str(rule["id"])


def imported(api: Client, text: str | bytes, media: str = "text/csv") -> TestResponse:
    """Send a CSV for the list of mules."""
    body = text.encode() if isinstance(text, str) else text
    return api.post(f"{LISTS}mule/import", data=body, content_type=media)


def values(api: Client, name: str = "mule") -> list[str]:
    """The values on a list, page by page."""
    found, cursor = [], ""
    while True:
        page = said(api.get(f"{LISTS}{name}/entries?limit=2{cursor}"))
        found += [entry["value"] for entry in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"
