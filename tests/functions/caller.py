"""Shared by the tests of the functions: a client of the gateway, and payments to send."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

from infra.generate.openapi import BUILDS
from risksentinel.assembly.container import Container
from risksentinel.embedded.gateway import Gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
TRANSACTIONS = "/api/v1/transactions/"
ALERTS = "/api/v1/alerts/"
REPORTS = "/api/v1/reports/"
RULES = "/api/v1/rules/"
LISTS = "/api/v1/lists/"
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


class _Functions(dict[str, "WSGIApplication"]):
    """Builds a function at its first request, so that a test builds only what it uses."""

    def __init__(self, container: Container) -> None:
        super().__init__()
        self._container = container

    def __missing__(self, name: str) -> "WSGIApplication":
        self[name] = BUILDS[name](self._container)
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
