"""An officer reads a report and files it over the API."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from tests.functions.caller import (
    REPORTS,
    said,
    violations,
)


def change(
    api: Client, report: dict[str, Any], body: object, headers: dict[str, str] | None = None
) -> TestResponse:
    """Send a change of the report."""
    return api.patch(REPORTS + report["id"], json=body, headers=headers)


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
    api: Client, thandi: Client, report: dict[str, Any], container: Container
) -> None:
    """The audit log has the actor and the content of every change."""
    filed = {"status": "filed", "reference": "A"}
    change(thandi, report, filed)
    change(api, report, {"status": "open"})

    with reading(container.engine) as connection:
        query = select(audit_log.c.actor, audit_log.c.details)
        rows = connection.execute(query.where(audit_log.c.action == "report.changed")).all()
    assert [row.actor for row in rows] == ["key:thandi", "local"]
    assert rows[0].details["before"] == {"status": "open", "reference": None, "note": None}
    assert rows[0].details["after"] == rows[1].details["before"] == {**filed, "note": None}


def test_a_report_that_is_not_there_is_404(api: Client) -> None:
    """Reading and changing an unknown report get the same response."""
    assert api.get(f"{REPORTS}unknown").status_code == 404
    assert change(api, {"id": "unknown"}, {"note": "a"}).status_code == 404
