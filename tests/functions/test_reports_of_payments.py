"""The reports that a payment requires: in the answer, in the receipt, and stored once."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import outbox
from risksentinel.assembly.container import Container
from tests.functions.caller import (
    ABROAD,
    ALERTS,
    CASH,
    DECLINING,
    PAYMENT,
    REPORTS,
    RULES,
    TRANSACTIONS,
    said,
)


@pytest.mark.parametrize(
    ("payment", "kinds"),
    [
        (CASH, ["CTR"]),
        (ABROAD, ["IFTR"]),
        ({**CASH, "receiver_country": "ZW"}, ["CTR", "IFTR"]),
        ({**CASH, "amount_zar": "49999.99"}, []),
        ({**ABROAD, "amount_zar": "19999.99"}, []),
        ({**ABROAD, "receiver_country": "ZA"}, []),
        ({**CASH, "rail": "eft"}, []),
    ],
)
def test_the_answer_and_the_receipt_name_the_reports(
    api: Client, payment: dict[str, str], kinds: list[str]
) -> None:
    """The response with the decision lists the required reports."""
    answer = said(api.post(TRANSACTIONS, json={**payment, "id": "p-1"}), 201)
    again = said(api.post(TRANSACTIONS, json={**payment, "id": "p-1"}))
    receipt = said(api.get(f"{TRANSACTIONS}p-1/score"))
    listed = said(api.get(REPORTS))["items"]

    assert answer["reports"] == again["reports"] == kinds
    assert [each["kind"] for each in receipt["reports"]] == kinds
    assert {each["kind"] for each in listed} == set(kinds)
    assert len(listed) == len(kinds)


def test_the_receipt_says_what_to_file_and_by_when(api: Client, report: dict[str, Any]) -> None:
    """The receipt has the law, the threshold and the due day of the report."""
    (entry,) = said(api.get(f"{TRANSACTIONS}p-1/score"))["reports"]

    assert entry == {
        "kind": "CTR",
        "section": "FIC Act, section 28",
        "threshold_zar": "49999.99",
        "due_on": "2026-05-06",
        "reason": report["reason"],
    }


def test_a_payment_that_waits_for_its_score_names_its_reports(api: Client) -> None:
    """A waiting payment lists its reports; the report is stored once the payment is scored."""
    answer = api.post(TRANSACTIONS, json=CASH, headers={"Prefer": "respond-async"})

    assert said(answer, 202)["reports"] == ["CTR"]
    assert said(api.get(REPORTS))["items"] == []


def test_a_batch_names_the_reports_of_each_payment(api: Client) -> None:
    """Payments of a batch get their reports too."""
    results = said(
        api.post(f"{TRANSACTIONS}batch", json={"transactions": [CASH, PAYMENT, ABROAD]})
    )["results"]

    assert [each["transaction"]["reports"] for each in results] == [["CTR"], [], ["IFTR"]]


def test_a_report_is_no_alert(api: Client) -> None:
    """A required report raises no alert: a cross-border payment is not suspicious by itself."""
    answer = said(api.post(TRANSACTIONS, json=ABROAD), 201)

    assert (answer["decision"], answer["reports"]) == ("approve", ["IFTR"])
    assert said(api.get(ALERTS))["items"] == []


def test_a_declined_payment_has_its_report_and_says_so(api: Client) -> None:
    """A declined payment has its report: the officer checks whether the payment was made."""
    said(api.post(RULES, json=DECLINING), 201)
    answer = said(api.post(TRANSACTIONS, json={**CASH, "amount_zar": "900000.00"}), 201)

    (report,) = said(api.get(REPORTS))["items"]

    assert answer["decision"] == report["decision"] == "decline"
    assert answer["reports"] == ["CTR"]


def test_a_report_is_published_once(
    api: Client, report: dict[str, Any], container: Container
) -> None:
    """The event of a report is published once."""
    api.post(TRANSACTIONS, json={**CASH, "id": "p-1"})

    with reading(container.engine) as connection:
        query = select(outbox.c.key, outbox.c.event)
        (row,) = connection.execute(query.where(outbox.c.topic == "reports.due")).all()
    assert row.key == "acc-1"
    assert row.event["data"]["report_id"] == report["id"]
