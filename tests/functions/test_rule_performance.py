"""The performance of rules over HTTP."""

from typing import Any

import pytest
from werkzeug.test import Client

from tests.functions.caller import LARGE, PAYMENT, RULE, RULES, TRANSACTIONS, said, violations

PERFORMANCE = f"{RULES}performance"
NEVER = {
    **RULE,
    "name": "Never",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "900000000.00"},
}
BESIDE = {
    **RULE,
    "name": "Beside",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "700000.00"},
}


@pytest.fixture
def rules(api: Client) -> dict[str, str]:
    """The ids of three rules by name, and two payments with labels."""
    made: dict[str, str] = {
        str(each["name"]): str(said(api.post(RULES, json=each), 201)["id"])
        for each in (RULE, NEVER, BESIDE)
    }
    for name, payment, label in (("p-1", PAYMENT, "genuine"), ("p-2", LARGE, "fraud")):
        said(api.post(TRANSACTIONS, json={**payment, "id": name}), 201)
        report = {"label": label, "source": "chargeback"}
        said(api.post(f"{TRANSACTIONS}{name}/label", json=report), 201)
    return made


def performance(api: Client, rule_id: str) -> dict[str, Any]:
    """The performance of a rule over a week."""
    return said(api.get(f"{RULES}{rule_id}/performance?days=7"))


def test_a_rule_shows_precision_and_alert_rate_by_week(api: Client, rules: dict[str, str]) -> None:
    """An analyst sees at once what a rule finds, and how often it is wrong."""
    found = performance(api, rules["Large in a shop"])

    assert (found["complete"], found["labels_complete"]) == (True, True)
    assert found["weeks"] == [found["total"]]
    assert found["total"] == {
        "since": "2026-04-24T22:00:00Z",
        "until": "2026-05-01T22:00:00Z",
        "payments": 2,
        "fired": 2,
        "fired_share": 1.0,
        "alerted": 2,
        "alert_rate": 1.0,
        "alone": 1,
        "labelled_fraud": 1,
        "labelled_genuine": 1,
        "precision": {"value": 0.5, "low": 0.094531, "high": 0.905469},
        "fraud_caught_zar": "750000.00",
    }
    assert (found["silent"], found["only_with_others"], found["drifted"]) == (False, False, None)


def test_silent_rules_and_rules_that_fire_only_with_others_are_listed(
    api: Client, rules: dict[str, str]
) -> None:
    """A risk manager sees all rules at once."""
    found = said(api.get(PERFORMANCE))

    always, beside, never = found["items"]
    assert (found["payments"], found["complete"]) == (2, True)
    assert [each["id"] for each in (always, beside, never)] == [
        rules[name] for name in ("Large in a shop", "Beside", "Never")
    ]
    assert (beside["only_with_others"], beside["silent"]) == (True, False)
    assert beside["fired_with"] == [{"id": always["id"], "name": "Large in a shop", "payments": 1}]
    assert (never["silent"], never["silent_since"], never["only_with_others"]) == (True, None, None)
    assert never["total"]["precision"] is None


@pytest.mark.parametrize("days", ["0", "366", "-1", "week", ""])
def test_the_days_are_bounded(api: Client, rules: dict[str, str], days: str) -> None:
    """A longer time would read too much; the message says what is allowed."""
    for path in (PERFORMANCE, f"{RULES}{rules['Never']}/performance"):
        assert list(violations(api.get(f"{path}?days={days}"))) == ["query.days"]


def test_an_unknown_rule_has_no_performance(api: Client) -> None:
    """It is 404, not figures of nothing."""
    said(api.get(f"{RULES}no-such-rule/performance"), 404)
