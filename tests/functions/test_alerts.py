from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.assembly.container import Container
from risksentinel.ports.alerting import DeliveryStatus
from tests.functions.caller import ALERTS, LARGE, NOW, TRANSACTIONS, said, violations


@pytest.fixture
def alert(api: Client) -> dict[str, Any]:
    """An open alert."""
    verdict = said(api.post(TRANSACTIONS, json=LARGE), 201)
    return said(api.get(ALERTS + verdict["alert_id"]))


def change(
    api: Client, alert: dict[str, Any], body: object, headers: dict[str, str] | None = None
) -> TestResponse:
    """Send a change of the alert."""
    return api.patch(ALERTS + alert["id"], json=body, headers=headers)


def test_an_alert_says_what_an_analyst_needs(api: Client, alert: dict[str, Any]) -> None:
    """The alert contains the data of the payment that an analyst needs."""
    assert (alert["status"], alert["severity"], alert["version"]) == ("open", "high", 1)
    assert alert["amount_zar"] == "750000.00"
    assert alert["reasons"]
    assert api.get(ALERTS + alert["id"]).headers["ETag"] == '"1"'


def test_an_alert_goes_from_open_to_resolved(api: Client, alert: dict[str, Any]) -> None:
    """An analyst acknowledges, assigns, and resolves an alert."""
    taken = said(change(api, alert, {"status": "acknowledged", "assignee": "thandi"}))
    answer = change(
        api, alert, {"status": "resolved", "disposition": "confirmed_fraud", "note": "called\nhim"}
    )

    assert (taken["assignee"], taken["updated_at"]) == ("thandi", "2026-05-01T12:00:00Z")
    resolved = said(answer)
    assert (resolved["status"], resolved["disposition"]) == ("resolved", "confirmed_fraud")
    assert (resolved["assignee"], resolved["note"]) == ("thandi", "called\nhim")
    assert answer.headers["ETag"] == '"3"'
    assert said(api.get(ALERTS + alert["id"])) == resolved


def test_null_removes_assignee_and_note(api: Client, alert: dict[str, Any]) -> None:
    """An alert can be returned to the queue."""
    change(api, alert, {"assignee": "thandi", "note": "mine"})

    given_back = said(change(api, alert, {"assignee": None}))
    cleared = said(change(api, alert, {"note": None}))

    assert (given_back["assignee"], given_back["note"]) == (None, "mine")
    assert cleared["note"] is None


@pytest.mark.parametrize(
    "body", [{"status": "resolved"}, {"status": "resolved", "note": "done", "assignee": "thandi"}]
)
@pytest.mark.parametrize("before", ["open", "acknowledged"])
def test_no_alert_is_resolved_without_a_disposition(
    api: Client, alert: dict[str, Any], before: str, body: dict[str, str]
) -> None:
    """A resolved alert needs a disposition: the disposition labels the payment for training."""
    change(api, alert, {"status": before})

    assert list(violations(change(api, alert, body), 409)) == ["disposition"]


@pytest.mark.parametrize("status", ["open", "acknowledged"])
def test_a_resolved_alert_can_be_opened_again(
    api: Client, alert: dict[str, Any], status: str
) -> None:
    """A reopened alert keeps its disposition until another one is set."""
    resolved = {"status": "resolved", "disposition": "false_positive", "assignee": "thandi"}
    change(api, alert, resolved)

    reopened = said(change(api, alert, {"status": status}))

    assert (reopened["status"], reopened["disposition"]) == (status, "false_positive")
    assert (reopened["assignee"], reopened["version"]) == ("thandi", 3)
    assert [each["id"] for each in said(api.get(f"{ALERTS}?status={status}"))["items"]] == [
        alert["id"]
    ]


def test_a_reopened_alert_keeps_its_label_until_another_is_found(
    api: Client, alert: dict[str, Any]
) -> None:
    """Reopening an alert does not change the label; a new disposition does."""
    address = TRANSACTIONS + alert["transaction_id"]
    change(api, alert, {"status": "resolved", "disposition": "false_positive"})

    change(api, alert, {"status": "open"})
    while_open = said(api.get(address))["label"]
    change(api, alert, {"status": "resolved", "disposition": "confirmed_fraud"})
    in_the_end = said(api.get(address))["label"]

    assert (while_open["label"], while_open["version"]) == ("genuine", 1)
    assert (in_the_end["label"], in_the_end["version"]) == ("fraud", 2)


def test_an_alert_can_be_opened_again_and_its_finding_taken_back(
    api: Client, alert: dict[str, Any]
) -> None:
    """A withdrawn label must not be used for training."""
    change(api, alert, {"status": "resolved", "disposition": "confirmed_fraud"})

    change(api, alert, {"status": "open", "disposition": "inconclusive"})

    assert said(api.get(TRANSACTIONS + alert["transaction_id"]))["label"] is None


def test_a_change_of_something_older_is_refused(api: Client, alert: dict[str, Any]) -> None:
    """Two analysts can change the same alert at the same time."""
    first = change(api, alert, {"assignee": "thandi"}, {"If-Match": '"1"'})
    second = change(api, alert, {"assignee": "pieter"}, {"If-Match": '"1"'})

    assert first.status_code == 200
    assert second.status_code == 412
    assert second.content_type == "application/problem+json"
    assert said(api.get(ALERTS + alert["id"]))["assignee"] == "thandi"


@pytest.mark.parametrize("tag", ["*", '"2"', 'W/"2"'])
def test_a_change_of_the_newest_is_taken(api: Client, alert: dict[str, Any], tag: str) -> None:
    """A proxy that compresses makes the ETag weak; `*` matches any version."""
    change(api, alert, {"note": "a"})

    assert change(api, alert, {"note": "b"}, {"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", ["", "2", '"two"', '"0"', '"1", "2"', '"' + "9" * 20 + '"', "**"])
def test_a_tag_that_is_none_of_ours_is_refused(
    api: Client, alert: dict[str, Any], tag: str
) -> None:
    """An invalid If-Match must not be ignored."""
    assert [*violations(change(api, alert, {"note": "a"}, {"If-Match": tag}))] == [
        "header.If-Match"
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"status": None}, "status"),
        ({"status": "done"}, "status"),
        ({"disposition": None}, "disposition"),
        ({"disposition": "fraud"}, "disposition"),
        ({"assignee": ""}, "assignee"),
        ({"assignee": " a"}, "assignee"),
        ({"assignee": "a\nb"}, "assignee"),
        ({"assignee": "a" * 101}, "assignee"),
        ({"assignee": 7}, "assignee"),
        ({"note": ""}, "note"),
        ({"note": "a\u001bb"}, "note"),
        ({"note": "a" * 2001}, "note"),
        ({"version": 9}, "version"),
    ],
)
def test_a_change_that_means_nothing_is_refused(
    api: Client, alert: dict[str, Any], body: dict[str, object], path: str
) -> None:
    """Stored texts must be printable and limited in length."""
    assert [*violations(change(api, alert, body))] == [path]
    assert said(api.get(ALERTS + alert["id"]))["version"] == 1


def test_the_actor_of_a_change_is_stored_and_published(
    api: Client, alert: dict[str, Any], container: Container
) -> None:
    """The audit log has the actor that the gateway sends."""
    change(api, alert, {"note": "a"}, {"X-Actor": "thandi@bank"})
    change(api, alert, {"note": "b"})

    with reading(container.engine) as connection:
        actors = connection.scalars(
            select(audit_log.c.actor).where(audit_log.c.action == "alert.changed")
        ).all()
        topics = connection.scalars(select(outbox.c.topic)).all()
    assert actors == ["thandi@bank", "api"]
    assert topics.count("alerts.updated") == 2


def test_the_audit_says_what_a_change_was(
    api: Client, alert: dict[str, Any], container: Container
) -> None:
    """The audit log keeps a removed note."""
    taken = {"status": "acknowledged", "assignee": "thandi", "note": "a"}
    change(api, alert, taken)
    change(api, alert, {"note": None, "disposition": "inconclusive"})

    with reading(container.engine) as connection:
        details = connection.scalars(
            select(audit_log.c.details).where(audit_log.c.action == "alert.changed")
        ).all()
    assert [each["version"] for each in details] == [2, 3]
    assert details[0]["before"].items() >= {"status": "open", "note": None}.items()
    assert details[0]["after"] == details[1]["before"] == {**taken, "disposition": None}
    assert details[1]["after"] == {**taken, "disposition": "inconclusive", "note": None}


@pytest.mark.parametrize("actor", ["", " ", "a" * 101, "é", "a\tb"])
def test_an_actor_is_one_short_line(api: Client, alert: dict[str, Any], actor: str) -> None:
    """A header must not forge an entry of the audit log."""
    assert [*violations(change(api, alert, {"note": "a"}, {"X-Actor": actor}))] == [
        "header.X-Actor"
    ]


def test_filters_narrow_the_list(api: Client, alert: dict[str, Any]) -> None:
    """An analyst lists the open alerts that are assigned to the analyst."""
    other = said(api.post(TRANSACTIONS, json={**LARGE, "sender_id": "acc-2"}), 201)["alert_id"]
    change(api, alert, {"status": "acknowledged", "assignee": "thandi"})

    def ids(query: str) -> set[str]:
        return {item["id"] for item in said(api.get(f"{ALERTS}?{query}"))["items"]}

    assert ids("") == {alert["id"], other}
    assert ids("status=open") == {other}
    assert ids("assignee=thandi&status=acknowledged&severity=high") == {alert["id"]}
    assert ids("severity=critical") == ids("assignee=unknown") == set()
    assert [*violations(api.get(f"{ALERTS}?owner=thandi"))] == ["query.owner"]


def test_alerts_come_in_pages(api: Client) -> None:
    """The list of alerts can have thousands of entries."""
    for number in range(3):
        api.post(TRANSACTIONS, json={**LARGE, "sender_id": f"acc-{number}"})

    first = said(api.get(f"{ALERTS}?limit=2"))
    second = said(api.get(f"{ALERTS}?limit=2&cursor={first['next_cursor']}"))

    items = first["items"] + second["items"]
    assert len({item["id"] for item in items}) == 3
    assert second["next_cursor"] is None


def test_an_alert_lists_its_deliveries(
    api: Client, alert: dict[str, Any], container: Container
) -> None:
    """An analyst sees which endpoints received the alert."""
    deliveries = SqlDeliveries(container.engine)
    deliveries.open("ev-1", alert["id"], ["webhook-1", "webhook-2", "slack-1"], NOW)
    for endpoint, status, reason in (
        ("webhook-1", DeliveryStatus.DELIVERED, ""),
        ("slack-1", DeliveryStatus.PENDING, "answered 503"),
        ("webhook-2", DeliveryStatus.FAILED, "answered 410: the endpoint is gone"),
    ):
        deliveries.note("ev-1", endpoint, status=status, reason=reason, at=NOW)

    told = said(api.get(ALERTS + alert["id"]))["deliveries"]

    assert alert["deliveries"] == []
    assert [(each["endpoint"], each["status"], each["last_reason"]) for each in told] == [
        ("slack-1", "pending", "answered 503"),
        ("webhook-1", "delivered", ""),
        ("webhook-2", "failed", "answered 410: the endpoint is gone"),
    ]
    assert told[0].items() >= {"attempts": 1, "updated_at": "2026-05-01T12:00:00Z"}.items()


def test_an_alert_that_is_not_there_is_404(api: Client) -> None:
    """Reading and changing an unknown alert get the same response."""
    missing = {"id": "unknown"}

    assert api.get(f"{ALERTS}unknown").status_code == 404
    assert change(api, missing, {"note": "a"}).status_code == 404
