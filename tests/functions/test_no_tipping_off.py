"""No answer and no event that a payer may see says that a report is due (FIC Act, section 29)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import outbox
from risksentinel.assembly.container import Container
from risksentinel.domain.payer_reasons import payer_reasons
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.seed import seed
from tests.functions.caller import ABROAD, CASH, RULES, TRANSACTIONS, said

TELLING = re.compile(
    r"report|CTR|IFTR|\bSTR\b|FIC|Financial Intelligence|section 2[89]|section 31|threshold"
)
SPLIT = {**CASH, "amount_zar": "30000.00"}
OUR_OWN = {
    "name": "Branch cash",
    "description": "Consider an STR",
    "condition": {"field": "rail", "operator": "eq", "value": "cash"},
    "weight": 0.5,
    "severity": "high",
    "action": "decline",
}
PAID = [
    {**CASH, "id": "p-1", "sender_id": "a"},
    {**ABROAD, "id": "p-2", "sender_id": "b"},
    {**CASH, "id": "p-3", "sender_id": "c", "receiver_country": "ZW", "amount_zar": "900000.00"},
    *({**SPLIT, "id": f"p-4-{number}", "sender_id": "d"} for number in range(4)),
]


@pytest.fixture(params=[False, True], ids=["default rules", "with a rule of our own"])
def bank(api: Client, container: Container, request: pytest.FixtureRequest) -> Client:
    """The functions with the default rules."""
    seed(container)
    if request.param:
        said(api.post(RULES, json=OUR_OWN), 201)
    return api


def test_no_answer_to_a_payment_names_a_report(bank: Client, container: Container) -> None:
    """A bank's app shows the answer, or what it made of it, to the payer."""
    later = {"headers": {"Prefer": "respond-async"}}
    answers = [
        *(bank.post(TRANSACTIONS, json=payment).text for payment in PAID),
        *(bank.post(TRANSACTIONS, json=payment).text for payment in PAID),
        *(bank.get(f"{TRANSACTIONS}{payment['id']}").text for payment in PAID),
        bank.get(TRANSACTIONS).text,
        bank.post(f"{TRANSACTIONS}batch", json={"transactions": PAID}).text,
        bank.post(TRANSACTIONS, json={**CASH, "id": "p-9"}, **later).text,
    ]

    assert len(said(bank.get("/api/v1/reports/"))["items"]) >= 4
    assert [answer for answer in answers if TELLING.search(answer)] == []
    assert [event for event in _events(container) if TELLING.search(event)] == []


def test_the_analyst_still_sees_why(bank: Client) -> None:
    """The receipt is for analysts: it has every reason and every report."""
    for payment in PAID:
        bank.post(TRANSACTIONS, json=payment)

    receipts = [bank.get(f"{TRANSACTIONS}{payment['id']}/score").text for payment in PAID]

    assert all(TELLING.search(receipt) for receipt in receipts)


@pytest.mark.parametrize("payment", PAID, ids=lambda payment: payment["id"])
def test_no_change_is_offered_where_a_report_may_be_due(
    bank: Client, payment: dict[str, Any]
) -> None:
    """An answer with a lower amount would teach how to stay below a threshold."""
    for each in PAID:
        bank.post(TRANSACTIONS, json=each)
    address = f"{TRANSACTIONS}{payment['id']}/score?explain=counterfactual"

    receipt = said(bank.get(address))

    assert receipt["counterfactual"] is None
    assert receipt["counterfactual_reason"] == (
        "no single change was found with which the decision would be milder"
    )


@pytest.mark.parametrize("rule_id", DEFAULT_RULES)
def test_no_text_of_a_default_rule_reaches_a_payer_if_it_names_a_report(rule_id: str) -> None:
    """Reasons quote the name and the description of a rule."""
    rule = DEFAULT_RULES[rule_id]
    reason = f"{rule['name']}: {rule['description']}"

    shown = payer_reasons([reason, "12 payments within an hour"])

    assert not any(TELLING.search(text) for text in shown)
    assert shown[-1] == "12 payments within an hour"


def _events(container: Container) -> Iterator[str]:
    """The events that banks and webhooks receive; reports.due is for the compliance officer."""
    with reading(container.engine) as connection:
        rows = connection.execute(select(outbox.c.topic, outbox.c.event)).all()
    assert "transactions.scored" in {row.topic for row in rows}
    return (json.dumps(row.event) for row in rows if row.topic in _OUTSIDE)


_OUTSIDE = {"transactions.scored", "alerts.raised", "alerts.updated"}
