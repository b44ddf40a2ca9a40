"""What an analyst, who may not read account numbers, sees of them in any response."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.test import Client

from functions.dashboard.documentation import DOCUMENT
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from risksentinel.domain.access import RIGHTS_OF, Role
from risksentinel.embedded.gateway import Gateway
from tests.functions.caller import (
    ALERTS,
    CASH,
    ENTRIES,
    LARGE,
    LISTS,
    POLICIES,
    REPORTS,
    RULES,
    said,
)
from tests.functions.caller import TRANSACTIONS as PAYMENTS
from tests.functions.keyed import KeyedClient, keyed

ACCOUNT = st.from_regex(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9._:@=-]{8,20}", fullmatch=True)


@pytest.fixture(scope="module")
def functions(gateway: Gateway, guarded_module: Container) -> tuple[Client, KeyedClient]:
    """The local caller, who sees everything, and an analyst, on one database."""
    return Client(gateway), keyed(guarded_module, "thabo", Role.ANALYST)


def _seeded(api: Client, sender: str, receiver: str) -> Mapping[str, str]:
    """Write both accounts wherever one can stand; answers the values of paths."""
    payment = {**LARGE, "sender_id": sender, "receiver_id": receiver, "receiver_country": "GB"}
    raised = said(api.post(PAYMENTS, json=payment), 201)
    said(api.post(PAYMENTS, json={**CASH, "sender_id": receiver, "receiver_id": sender}), 201)
    (report, *_) = said(api.get(f"{REPORTS}?transaction_id={raised['id']}"))["items"]
    said(api.patch(ALERTS + raised["alert_id"], json={"note": f"asked {sender} and {receiver}"}))
    for value in (sender, receiver):
        entry = f"{ENTRIES}/{quote(value, safe='')}"
        assert api.put(entry, json={"reason": f"{value} again"}).status_code in {200, 201}
    condition = {"field": "sender_id", "operator": "eq", "value": sender}
    rule = {"name": f"r-{raised['id']}", "condition": condition, "weight": 0.1, "severity": "low"}
    rule_id = said(api.post(RULES, json=rule), 201)["id"]
    (newest, *_) = said(api.get(POLICIES))["items"]
    return {
        "number": str(newest["number"]),
        "transaction_id": raised["id"],
        "alert_id": raised["alert_id"],
        "report_id": report["id"],
        "rule_id": rule_id,
        "name": "mule",
    }


def _paths(ids: Mapping[str, str]) -> Iterator[str]:
    for path, operations in json.loads(DOCUMENT.read_text())["paths"].items():
        if (
            "get" in operations
            and _is_for_analysts(operations["get"])
            and "proposal_id" not in path
        ):
            yield path.format(**ids)
            yield f"{path.format(**ids)}?limit=1" if path.endswith("s") else path.format(**ids)


def _is_for_analysts(operation: Mapping[str, Any]) -> bool:
    """Whether the operation is open, or its right is one of an analyst's."""
    stated = {name for each in operation["security"] for names in each.values() for name in names}
    return stated <= RIGHTS_OF[Role.ANALYST]


@settings(max_examples=15)
@given(sender=ACCOUNT, receiver=ACCOUNT)
def test_no_answer_to_an_analyst_has_an_account_number(
    functions: tuple[Client, KeyedClient], sender: str, receiver: str
) -> None:
    """POPIA: who does not need the number does not see it."""
    local, analyst = functions
    ids = _seeded(local, sender, receiver)

    for path in _paths(ids):
        answer = analyst.get(path)
        assert answer.status_code == 200, path
        shown = answer.text + str(answer.headers)
        for account in (sender, receiver):
            assert account not in shown, path
            assert account.casefold().encode().hex() not in shown, path


def test_the_local_caller_sees_everything(functions: tuple[Client, KeyedClient]) -> None:
    """On the machine of its operator nothing is hidden."""
    local, _ = functions
    ids = _seeded(local, "ZA290000000012345678", "ZA290000000087654321")

    for path in (f"{PAYMENTS}{ids['transaction_id']}", f"{ALERTS}{ids['alert_id']}"):
        assert said(local.get(path))["sender_id"] == "ZA290000000012345678"
    assert "ZA290000000087654321" in local.get(f"{PAYMENTS}{ids['transaction_id']}/score").text


def test_a_change_by_an_analyst_is_answered_masked(
    guarded: Container, alert: dict[str, Any]
) -> None:
    """The answer to PATCH shows the alert like GET."""
    analyst = keyed(guarded, "thabo", Role.ANALYST)

    changed = analyst.patch(ALERTS + alert["id"], json={"note": f"asked {alert['sender_id']}"})

    assert said(changed)["sender_id"] == "****"
    assert said(changed)["note"] == "asked ****"


def test_an_analyst_cannot_page_through_a_list(guarded: Container, api: Client) -> None:
    """A cursor contains a value: any cursor could be tried until the values are known."""
    for value in ("ACC-0001", "ACC-0002"):
        api.post(ENTRIES, json={"value": value})
    cursor = said(api.get(f"{ENTRIES}?limit=1"))["next_cursor"]
    analyst = keyed(guarded, "thabo", Role.ANALYST)

    assert said(analyst.get(f"{ENTRIES}?limit=1"))["next_cursor"] is None
    assert analyst.get(f"{ENTRIES}?cursor={cursor}").status_code == 403
    assert said(analyst.get(f"{ENTRIES}?value=acc-0001"))["items"][0]["value"] == "****0001"


def test_a_read_of_account_numbers_is_recorded(
    guarded: Container, alert: dict[str, Any], container: Container
) -> None:
    """Who read a customer's data can be asked why; the masked reads of an analyst are no reads."""
    auditor, analyst = keyed(guarded, "lindiwe", Role.AUDITOR), keyed(guarded, "a", Role.ANALYST)
    payment = alert["transaction_id"]

    for client in (auditor, analyst):
        for path in (
            f"{ALERTS}{alert['id']}",
            f"{PAYMENTS}{payment}",
            f"{PAYMENTS}{payment}/score",
        ):
            assert client.get(path).status_code == 200
        client.get(ALERTS)
    auditor.get(f"{LISTS}mule/export")

    query = select(audit_log).where(audit_log.c.action == "accounts.read").order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        found = [(row.actor, row.subject_kind, row.subject_id) for row in connection.execute(query)]
    assert found == [
        ("key:lindiwe", "alert", alert["id"]),
        ("key:lindiwe", "transaction", payment),
        ("key:lindiwe", "transaction", payment),
        ("key:lindiwe", "list", "mule"),
    ]
