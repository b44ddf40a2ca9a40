"""The reports that a payment requires: in the receipt, and stored once; never in an answer."""

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
def test_the_receipt_names_the_reports(
    api: Client, payment: dict[str, str], kinds: list[str]
) -> None:
    """The receipt and the list of reports are for the bank's compliance officer."""
    said(api.post(TRANSACTIONS, json={**payment, "id": "p-1"}), 201)
    receipt = said(api.get(f"{TRANSACTIONS}p-1/score"))
    listed = said(api.get(REPORTS))["items"]

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


def test_a_payment_that_waits_for_its_score_has_no_report_yet(api: Client) -> None:
    """The report is stored once the payment is scored."""
    said(api.post(TRANSACTIONS, json=CASH, headers={"Prefer": "respond-async"}), 202)

    assert said(api.get(REPORTS))["items"] == []


def test_a_report_is_no_alert(api: Client) -> None:
    """A required report raises no alert: a cross-border payment is not suspicious by itself."""
    answer = said(api.post(TRANSACTIONS, json=ABROAD), 201)

    assert answer["decision"] == "approve"
    assert [each["kind"] for each in said(api.get(REPORTS))["items"]] == ["IFTR"]
    assert said(api.get(ALERTS))["items"] == []


def test_a_declined_payment_has_its_report_and_says_so(api: Client) -> None:
    """A declined payment has its report: the officer checks whether the payment was made."""
    said(api.post(RULES, json=DECLINING), 201)
    answer = said(api.post(TRANSACTIONS, json={**CASH, "amount_zar": "900000.00"}), 201)

    (report,) = said(api.get(REPORTS))["items"]

    assert answer["decision"] == report["decision"] == "decline"
    assert report["kind"] == "CTR"


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
