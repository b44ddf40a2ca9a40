"""One alert with its deliveries, and the list of alerts with filters and pages."""

from typing import Any

from werkzeug.test import Client

from risksentinel.adapters.sql.deliveries import SqlDeliveries
from risksentinel.assembly.container import Container
from risksentinel.ports.alerting import DeliveryStatus
from tests.functions.caller import ALERTS, LARGE, NOW, TRANSACTIONS, said, violations
from tests.functions.caller import change_alert as change


def test_an_alert_says_what_an_analyst_needs(api: Client, alert: dict[str, Any]) -> None:
    """The alert contains the data of the payment that an analyst needs."""
    assert (alert["status"], alert["severity"], alert["version"]) == ("open", "high", 1)
    assert alert["amount_zar"] == "750000.00"
    assert alert["reasons"]
    assert api.get(ALERTS + alert["id"]).headers["ETag"] == '"1"'


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
