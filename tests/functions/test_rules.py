from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.assembly.container import Container
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.fields import FIELDS
from risksentinel.rules.operators import OPERATORS
from tests.functions.caller import PAYMENT, RULES, TRANSACTIONS, said, violations

RULE = {
    "name": "Large in a shop",
    "description": "An unusual amount for groceries",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "100.00"},
    "weight": 0.5,
    "severity": "high",
    "floor": 0.95,
}


@pytest.fixture
def rule(api: Client) -> dict[str, Any]:
    """A stored rule."""
    return said(api.post(RULES, json=RULE), 201)


def address(rule: dict[str, Any]) -> str:
    """The path of the rule."""
    return RULES + str(rule["id"])


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


def test_put_replaces_the_whole_rule(api: Client, rule: dict[str, Any]) -> None:
    """PUT sets absent members to their defaults."""
    shorter = {name: value for name, value in RULE.items() if name not in {"floor", "description"}}

    answer = api.put(address(rule), json={**shorter, "weight": 0.25})

    replaced = said(answer)
    assert (replaced["weight"], replaced["floor"], replaced["description"]) == (0.25, None, "")
    assert (replaced["version"], answer.headers["ETag"]) == (2, '"2"')
    assert replaced["created_at"] == rule["created_at"]


@pytest.mark.parametrize("media", ["application/json", "application/merge-patch+json"])
def test_patch_changes_what_it_names(api: Client, rule: dict[str, Any], media: str) -> None:
    """RFC 7396: null removes a member."""
    answer = api.patch(
        address(rule), data='{"weight": 0.75, "floor": null}', headers={"Content-Type": media}
    )

    assert said(answer).items() >= {**RULE, "weight": 0.75, "floor": None, "version": 2}.items()


def test_delete_takes_a_rule_out_of_force(api: Client, rule: dict[str, Any]) -> None:
    """The versions of a deactivated rule stay stored: receipts refer to them."""
    deleted, again = api.delete(address(rule)), api.delete(address(rule))

    assert said(deleted)["active"] is said(again)["active"] is False
    assert said(api.get(address(rule)))["active"] is False
    assert said(api.get(f"{RULES}?active_only=true"))["items"] == []
    assert [each["id"] for each in said(api.get(RULES))["items"]] == [rule["id"]]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_if_match_guards_against_lost_updates(
    api: Client, rule: dict[str, Any], method: str
) -> None:
    """Two analysts can change the same rule at the same time."""
    body = {"PUT": {**RULE, "weight": 0.9}, "PATCH": {"weight": 0.9}, "DELETE": None}[method]

    def ask(tag: str) -> TestResponse:
        return api.open(address(rule), method=method, json=body, headers={"If-Match": tag})

    first, stale, newest, either, malformed = map(ask, ('"1"', '"1"', '"2"', "*", "1"))

    assert [first.status_code, stale.status_code, newest.status_code] == [200, 412, 200]
    assert said(either)["version"] == 2
    assert [*violations(malformed)] == ["header.If-Match"]


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


def test_no_two_active_rules_have_one_name(api: Client, rule: dict[str, Any]) -> None:
    """Names of active rules are unique, because reasons contain the name."""
    refused = api.post(RULES, json=RULE)
    api.delete(address(rule))
    taken = api.post(RULES, json=RULE)
    back = api.put(address(rule), json=RULE)

    assert (refused.status_code, taken.status_code, back.status_code) == (409, 201, 409)


@pytest.mark.parametrize("body", [{}, {"name": None}, {"weight": "1"}, {"id": "mine"}])
def test_a_patch_that_means_nothing_is_refused(
    api: Client, rule: dict[str, Any], body: dict[str, object]
) -> None:
    """An empty or invalid patch is refused."""
    assert [*violations(api.patch(address(rule), json=body))] == [next(iter(body), "")]
    assert said(api.get(address(rule)))["version"] == 1


def test_a_change_that_changes_nothing_leaves_the_rule_as_it_is(
    api: Client, rule: dict[str, Any], container: Container
) -> None:
    """A change without a difference makes no new version."""
    api.delete(address(rule))

    same = [
        api.delete(address(rule)),
        api.patch(address(rule), json={"weight": RULE["weight"], "active": False}),
        api.put(address(rule), json={**RULE, "active": False}),
    ]

    assert [said(answer)["version"] for answer in same] == [2, 2, 2]
    with reading(container.engine) as connection:
        audited = connection.scalars(select(audit_log.c.action)).all()
        enqueued = connection.scalars(select(outbox.c.topic)).all()
    assert audited == ["rule.created", "rule.deactivated"]
    assert enqueued == ["rules.changed"] * 2


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
