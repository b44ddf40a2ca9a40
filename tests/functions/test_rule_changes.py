"""PUT, PATCH and DELETE of a rule."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log, outbox
from risksentinel.assembly.container import Container
from tests.functions.caller import RULE, RULES, address, said, violations


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
