"""The warnings of a rule over the API."""

from typing import Any

from werkzeug.test import Client

from tests.functions.caller import PAYMENT, RULE, RULES, TRANSACTIONS, address, said


def test_each_way_to_write_a_rule_returns_its_warnings(api: Client, rule: dict[str, Any]) -> None:
    """A rule that can never fire is stored with a warning."""
    never = {"field": "amount_zar", "operator": "lt", "value": 0}

    posted = said(api.post(RULES, json={**RULE, "name": "Never", "condition": never}), 201)
    put = said(api.put(address(rule), json={**RULE, "condition": never}))
    patched = said(api.patch(address(rule), json={"condition": RULE["condition"]}))
    again = said(api.patch(address(rule), json={"condition": RULE["condition"]}))

    told = [{"path": "condition", "message": posted["warnings"][0]["message"]}]
    assert "the rule can never fire" in told[0]["message"]
    assert posted["warnings"] == put["warnings"] == told
    assert rule["warnings"] == patched["warnings"] == again["warnings"] == []


def test_a_rule_that_cannot_alert_alone_gets_a_warning_by_the_settings(api: Client) -> None:
    """A rule that alone never raises an alert gets a warning; its severity does not decide."""
    mule = {
        "name": "Known mule",
        "condition": {"field": "receiver_id", "operator": "in", "value": ["MULE-1"]},
        "weight": 1,
        "severity": "critical",
    }

    flagging = said(api.post(RULES, json=mule), 201)
    declining = said(api.put(address(flagging), json={**mule, "action": "decline"}))
    verdict = said(api.post(TRANSACTIONS, json={**PAYMENT, "receiver_id": "MULE-1"}), 201)

    assert [warning["path"] for warning in flagging["warnings"]] == ["action"]
    assert "set action to review or decline" in flagging["warnings"][0]["message"]
    assert declining["warnings"] == []
    assert verdict["decision"] == "decline"


def test_a_rule_with_an_unknown_list_gets_a_warning(api: Client) -> None:
    """A rule with an unknown list gets a warning: its comparison stays unknown."""
    asking = {"field": "receiver_id", "operator": "in_list", "value": "mules"}

    created = said(api.post(RULES, json={**RULE, "condition": asking}), 201)
    api.post("/api/v1/lists/", json={"name": "mules"})
    changed = said(api.patch(address(created), json={"weight": 0.6}))

    assert [warning["path"] for warning in created["warnings"]] == ["condition.value"]
    assert "block" in created["warnings"][0]["message"]
    assert changed["warnings"] == []


def test_warnings_are_not_stored(api: Client) -> None:
    """Warnings depend on the settings, so they are not stored."""
    created = said(api.post(RULES, json={**RULE, "floor": None}), 201)

    assert created["warnings"]
    assert "warnings" not in said(api.get(address(created)))
    assert "warnings" not in said(api.get(RULES))["items"][0]
