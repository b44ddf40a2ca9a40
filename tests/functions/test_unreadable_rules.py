from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import Client

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.tables import audit_log, fraud_rules
from risksentinel.assembly.container import Container
from tests.functions.caller import PAYMENT, RULES, TRANSACTIONS, address, said

RULE = {
    "name": "Large in a shop",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "100.00"},
    "weight": 0.5,
    "severity": "high",
    "floor": 0.95,
}


@pytest.fixture
def unreadable(api: Client, container: Container) -> dict[str, Any]:
    """A rule of a later release, with an operator that this release does not know."""
    rule = said(api.post(RULES, json=RULE), 201)
    document = {**RULE, "condition": {"field": "smell", "operator": "gt", "value": 1}}
    with writing(container.engine) as connection, unguarded(connection):
        connection.execute(update(fraud_rules).values(document=document))
        entry = update(audit_log).where(audit_log.c.subject_kind == "rule")
        connection.execute(entry.values(details={"version": 1, "document": document}))
    return rule


def test_an_unreadable_rule_is_shown_with_its_fault(
    api: Client, unreadable: dict[str, Any]
) -> None:
    """An unreadable rule is listed with its error, beside the readable rules."""
    api.post(RULES, json={**RULE, "name": "Another"})

    listed = said(api.get(RULES))["items"]
    one = said(api.get(address(unreadable)))

    assert [each["name"] for each in listed] == ["Another", RULE["name"]]
    assert one == listed[1]
    assert one["document"]["condition"]["field"] == "smell"
    assert one["fault"].startswith("condition.field: ")


def test_an_unreadable_rule_can_be_taken_out_of_force(
    api: Client, unreadable: dict[str, Any]
) -> None:
    """An unreadable rule can be replaced, and its name used by another rule."""
    first, again = api.delete(address(unreadable)), api.delete(address(unreadable))

    assert said(first) == said(again)
    assert (said(first)["active"], said(first)["version"]) == (False, 2)
    assert said(api.get(f"{RULES}?active_only=true"))["items"] == []
    assert said(api.put(address(unreadable), json=RULE))["version"] == 3


def test_an_unreadable_rule_stops_no_payment(api: Client, unreadable: dict[str, Any]) -> None:
    """The other rules still run, and readiness names the unreadable rule."""
    api.post(RULES, json={**RULE, "name": "Another", "floor": 0.75})

    verdict = said(api.post(TRANSACTIONS, json=PAYMENT), 201)
    health = said(api.get("/health/readiness"))

    assert 0.75 <= verdict["score"] < 0.9
    assert health["status"] == "degraded"
    assert health["checks"]["rules"] == f"rule {unreadable['id']}@1 cannot be read"
