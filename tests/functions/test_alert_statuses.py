"""The status, disposition and label of an alert over the API."""

from typing import Any

import pytest
from werkzeug.test import Client

from tests.functions.caller import ALERTS, TRANSACTIONS, said, violations
from tests.functions.caller import change_alert as change


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
