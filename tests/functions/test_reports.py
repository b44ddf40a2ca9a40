from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.assembly.container import Container
from tests.functions.caller import (
    ALERTS,
    DECLINING,
    PAYMENT,
    REPORTS,
    RULES,
    TRANSACTIONS,
    said,
    violations,
)

CASH = {**PAYMENT, "channel": "branch", "rail": "cash", "amount_zar": "50000.00"}
ABROAD = {**PAYMENT, "channel": "branch", "receiver_country": "GB", "amount_zar": "20000.00"}


@pytest.fixture
def report(api: Client) -> dict[str, Any]:
    """An open report."""
    api.post(TRANSACTIONS, json={**CASH, "id": "p-1"})
    (report,) = said(api.get(REPORTS))["items"]
    return dict(report)


def change(
    api: Client, report: dict[str, Any], body: object, headers: dict[str, str] | None = None
) -> TestResponse:
    """Send a change of the report."""
    return api.patch(REPORTS + report["id"], json=body, headers=headers)


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


def test_a_report_says_what_an_officer_needs(api: Client, report: dict[str, Any]) -> None:
    """The report contains the data that an officer needs to file."""
    answer = api.get(REPORTS + report["id"])

    assert answer.headers["ETag"] == '"1"'
    assert said(answer) == report
    assert report["reason"]
    wanted = {
        "kind": "CTR",
        "section": "FIC Act, section 28",
        "transaction_id": "p-1",
        "sender_id": "acc-1",
        "receiver_id": "shop-1",
        "amount_zar": "50000.00",
        "threshold_zar": "49999.99",
        "due_on": "2026-05-06",
        "status": "open",
        "reference": None,
        "note": None,
        "created_at": "2026-05-01T12:00:00Z",
        "updated_at": None,
        "version": 1,
    }
    assert report.items() >= wanted.items()


def test_a_report_is_filed_with_its_reference(api: Client, report: dict[str, Any]) -> None:
    """A filed report has the reference of the Centre."""
    answer = change(api, report, {"status": "filed", "reference": "FIC-2026/1"})

    filed = said(answer)
    assert (filed["status"], filed["reference"]) == ("filed", "FIC-2026/1")
    assert (filed["updated_at"], answer.headers["ETag"]) == ("2026-05-01T12:00:00Z", '"2"')
    assert said(api.get(REPORTS + report["id"])) == filed
    assert said(api.get(f"{REPORTS}?status=open"))["items"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"status": "filed"}, "reference"),
        ({"reference": "FIC-1"}, "reference"),
        ({"status": "not_required"}, "note"),
    ],
)
def test_a_change_that_does_not_follow_is_a_conflict(
    api: Client, report: dict[str, Any], body: dict[str, str], path: str
) -> None:
    """A report is closed only with a reference or a note."""
    assert [*violations(change(api, report, body), 409)] == [path]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"status": None}, "status"),
        ({"status": "done"}, "status"),
        ({"reference": None}, "reference"),
        ({"reference": ""}, "reference"),
        ({"reference": "a" * 101}, "reference"),
        ({"reference": "a\nb"}, "reference"),
        ({"note": ""}, "note"),
        ({"due_on": "2026-05-09"}, "due_on"),
    ],
)
def test_a_change_that_means_nothing_is_refused(
    api: Client, report: dict[str, Any], body: dict[str, object], path: str
) -> None:
    """The due day cannot be changed."""
    assert [*violations(change(api, report, body))] == [path]
    assert said(api.get(REPORTS + report["id"]))["version"] == 1


def test_a_change_of_something_older_is_refused(api: Client, report: dict[str, Any]) -> None:
    """Two officers can change the same report at the same time."""
    first = change(api, report, {"status": "filed", "reference": "A"}, {"If-Match": '"1"'})
    second = change(api, report, {"note": "mine"}, {"If-Match": '"1"'})

    assert (first.status_code, second.status_code) == (200, 412)


def test_the_actor_of_a_filing_is_stored(
    api: Client, report: dict[str, Any], container: Container
) -> None:
    """The audit log has the actor and the content of every change."""
    filed = {"status": "filed", "reference": "A"}
    change(api, report, filed, {"X-Actor": "thandi@bank"})
    change(api, report, {"status": "open"})

    with reading(container.engine) as connection:
        query = select(audit_log.c.actor, audit_log.c.details)
        rows = connection.execute(query.where(audit_log.c.action == "report.changed")).all()
    assert [row.actor for row in rows] == ["thandi@bank", "api"]
    assert rows[0].details["before"] == {"status": "open", "reference": None, "note": None}
    assert rows[0].details["after"] == rows[1].details["before"] == {**filed, "note": None}


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


def test_filters_narrow_the_list(api: Client) -> None:
    """An officer lists the open reports that are due by a day."""
    api.post(TRANSACTIONS, json={**CASH, "id": "p-1"})
    earlier = {**ABROAD, "id": "p-2", "occurred_at": "2026-04-20T08:00:00Z"}
    api.post(TRANSACTIONS, json=earlier)

    def payments(query: str) -> list[str]:
        return [each["transaction_id"] for each in said(api.get(f"{REPORTS}?{query}"))["items"]]

    assert payments("") == ["p-2", "p-1"]
    assert payments("kind=CTR") == payments("due_from=2026-05-06") == ["p-1"]
    assert payments("kind=IFTR&status=open") == payments("due_to=2026-04-23") == ["p-2"]
    assert payments("transaction_id=p-1") == ["p-1"]
    assert payments("due_from=2026-04-24&due_to=2026-05-05") == payments("status=filed") == []


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("kind=STR", "query.kind"),
        ("status=done", "query.status"),
        ("due_from=tomorrow", "query.due_from"),
        ("due_from=2026-02-30", "query.due_from"),
        ("due_to=20260501", "query.due_to"),
        ("due_to=1767225600", "query.due_to"),
        ("due_from=2026-05-02&due_to=2026-05-01", "query.due_from"),
        ("owner=thandi", "query.owner"),
        ("cursor=WyJhIl0", "query.cursor"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(api: Client, query: str, path: str) -> None:
    """An invalid filter is refused: an ignored one would hide reports."""
    assert [*violations(api.get(f"{REPORTS}?{query}"))] == [path]


def test_reports_come_in_pages(api: Client) -> None:
    """The list of reports can have hundreds of entries."""
    for number in range(3):
        api.post(TRANSACTIONS, json={**CASH, "sender_id": f"acc-{number}"})

    first = said(api.get(f"{REPORTS}?limit=2"))
    second = said(api.get(f"{REPORTS}?limit=2&cursor={first['next_cursor']}"))

    assert len({each["id"] for each in first["items"] + second["items"]}) == 3
    assert second["next_cursor"] is None


def test_a_report_that_is_not_there_is_404(api: Client) -> None:
    """Reading and changing an unknown report get the same response."""
    assert api.get(f"{REPORTS}unknown").status_code == 404
    assert change(api, {"id": "unknown"}, {"note": "a"}).status_code == 404
