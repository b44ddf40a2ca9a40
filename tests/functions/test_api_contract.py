"""The committed OpenAPI document against the responses of the engine."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from risksentinel.embedded.gateway import Gateway
from tests.functions.caller import LARGE, REPORTS, TRANSACTIONS
from tests.functions.caller import gateway as gateway_of
from tests.functions.contract import document, excluded
from tests.functions.keyed import new_key


@pytest.fixture(scope="module")
def functions(gateway: Gateway, guarded_module: Container) -> tuple[Gateway, dict[str, str]]:
    """The functions on the database of `gateway`, and the header of a caller with every role."""
    del gateway  # has seeded the database
    key = new_key(guarded_module, "everything", Role, LabelSource)
    return gateway_of(guarded_module), {"Authorization": f"Bearer {key}"}


@document.parametrize()
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_engine_keeps_what_the_document_promises(
    case: schemathesis.Case[Any], functions: tuple[Gateway, dict[str, str]]
) -> None:
    """Clients are generated from the document."""
    app, credentials = functions

    answer = case.call(app=app, headers=credentials)

    case.validate_response(answer, excluded_checks=excluded(answer))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v1/transactions/{transaction_id}", None),
        ("GET", "/api/v1/transactions/{transaction_id}/score", None),
        (
            "POST",
            "/api/v1/transactions/{transaction_id}/label",
            {"label": "genuine", "source": "customer_report"},
        ),
        ("GET", "/api/v1/alerts/{alert_id}", None),
        ("PATCH", "/api/v1/alerts/{alert_id}", {"status": "acknowledged", "assignee": "thandi"}),
        ("GET", "/api/v1/reports/{report_id}", None),
        (
            "PATCH",
            "/api/v1/reports/{report_id}",
            {"status": "not_required", "note": "declined, no money moved"},
        ),
        ("GET", "/api/v1/reports", None),
        ("GET", "/api/v1/rules/{rule_id}", None),
        ("PATCH", "/api/v1/rules/{rule_id}", {"floor": None}),
        ("DELETE", "/api/v1/rules/{rule_id}", None),
        ("GET", "/api/v1/lists", None),
        ("GET", "/api/v1/lists/{name}", None),
        ("POST", "/api/v1/lists/{name}/entries", {"value": "ACC-2", "reason": "a mule"}),
        ("GET", "/api/v1/lists/{name}/entries", None),
        ("PUT", "/api/v1/lists/{name}/entries/{value}", {"expires_at": "2100-01-01T00:00:00Z"}),
        ("GET", "/api/v1/transactions", None),
        ("GET", "/api/v1/alerts", None),
        ("GET", "/api/v1/dashboard/risk-trend", None),
    ],
)
def test_what_is_there_is_shown_as_documented(
    method: str, path: str, body: object, functions: tuple[Gateway, dict[str, str]]
) -> None:
    """Generated ids lead to 404 only; these requests use ids of stored data."""
    new = {**LARGE, "id": "p-1", "channel": "mobile_banking"}  # to a beneficiary never paid before
    app, credentials = functions
    client = Client(app)
    sent_payment = {**new, "receiver_country": "GB"}
    payment = client.post(TRANSACTIONS, json=sent_payment, headers=credentials).get_json()
    reports = client.get(f"{REPORTS}?transaction_id=p-1", headers=credentials).get_json()
    (report,) = reports["items"]
    ids = {
        "transaction_id": "p-1",
        "alert_id": payment["alert_id"],
        "report_id": report["id"],
        "rule_id": "za-cash-structuring",
        "name": "mule",
        "value": "ACC-1",
    }
    asked = {name: each for name, each in ids.items() if f"{{{name}}}" in path}
    sent: dict[str, Any] = {"body": body, "media_type": "application/json"} if body else {}

    answer = (
        document[path][method]
        .Case(path_parameters=asked, **sent)
        .call(app=app, headers=credentials)
    )

    assert answer.status_code in {200, 201}
    document[path][method].validate_response(answer)
