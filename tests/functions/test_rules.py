"""Rules over the API: new rules, the list of rules, and the vocabulary."""

from typing import Any

import pytest
from werkzeug.test import Client

from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operators import OPERATORS
from tests.functions.caller import PAYMENT, RULE, RULES, TRANSACTIONS, said, violations


@pytest.mark.parametrize("name", DEFAULT_RULES)
def test_a_rule_is_kept_as_it_was_written(api: Client, name: str) -> None:
    """A stored rule is returned as it was sent."""
    answer = api.post(RULES, json=dict(DEFAULT_RULES[name]))

    created = said(answer, 201)
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/api/v1/rules/{created['id']}"
    assert created.items() >= DEFAULT_RULES[name].items()
    assert created["active"] is True
    assert created.pop("warnings") is not None
    assert said(api.get(answer.headers["Location"])) == created


def test_a_rule_decides_the_next_payment(api: Client, rule: dict[str, Any]) -> None:
    """A new rule applies to the next payment."""
    verdict = said(api.post(TRANSACTIONS, json=PAYMENT), 201)

    assert verdict["score"] >= 0.95
    assert verdict["decision"] == "decline"
    assert any(rule["name"] in reason for reason in verdict["reasons"])


def test_every_violation_of_a_rule_is_listed_at_once(api: Client) -> None:
    """An analyst can correct every violation of a rule after one attempt."""
    broken = {
        "name": "",
        "condition": {
            "all": [
                {"field": "amount", "operator": "gt", "value": "1"},
                {"field": "amount_zar", "operator": "gt", "value": "1.234"},
                {"field": "channel", "operator": "regex", "value": "["},
                {"any": []},
            ]
        },
        "weight": 2,
        "severity": "worst",
        "colour": "red",
    }

    found = violations(api.post(RULES, json=broken))

    assert found.keys() == {
        "colour",
        "name",
        "condition.all[0].field",
        "condition.all[1].value",
        "condition.all[2].value",
        "condition.all[3].any",
        "weight",
        "severity",
    }
    assert "did you mean amount_zar" in found["condition.all[0].field"]
    assert said(api.get(RULES))["items"] == []


def test_a_rule_that_is_not_there_is_404(api: Client) -> None:
    """Every method on an unknown rule gets 404."""
    answers = [
        api.get(f"{RULES}nothing"),
        api.put(f"{RULES}nothing", json=RULE),
        api.patch(f"{RULES}nothing", json={"weight": 1}),
        api.delete(f"{RULES}nothing"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_rules_come_in_pages_of_their_own(api: Client) -> None:
    """The pages together contain every rule once, with the filter of active rules."""
    for number in range(3):
        api.post(RULES, json={**RULE, "name": f"Rule {number}", "active": number != 1})

    first = said(api.get(f"{RULES}?limit=1&active_only=true"))
    second = said(api.get(f"{RULES}?limit=1&active_only=true&cursor={first['next_cursor']}"))

    names = {each["name"] for each in first["items"] + second["items"]}
    assert names == {"Rule 0", "Rule 2"}
    assert second["next_cursor"] is None
    assert [*violations(api.get(f"{RULES}?active_only=yes"))] == ["query.active_only"]
    assert [*violations(api.get(f"{RULES}?active=true"))] == ["query.active"]


def test_the_vocabulary_has_every_word(api: Client) -> None:
    """A rule editor reads every field and operator from the vocabulary."""
    words = said(api.get(f"{RULES}vocabulary"))

    assert [field["name"] for field in words["fields"]] == [*FIELDS]
    assert [operator["name"] for operator in words["operators"]] == [*OPERATORS]
    hour = next(field for field in words["fields"] if field["name"] == "local_hour")
    assert (hour["least"], hour["greatest"], hour["kind"]) == (0, 23, "integer")
    assert "between" in hour["operators"]
    assert "regex" not in hour["operators"]
    channel = next(field for field in words["fields"] if field["name"] == "channel")
    assert "ussd" in channel["choices"]
