"""Versions of the policy over the API: drafted, compared, promoted, rolled back."""

from typing import Any, Final

import pytest
from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.assembly.policy import check_policy
from tests.functions.caller import PAYMENT, POLICIES, RULE, RULES, TRANSACTIONS, said, violations
from tests.functions.proposing import approved, decided

ANY: Final = {"If-Match": "*"}


@pytest.fixture(autouse=True)
def started(container: Container) -> None:
    """A process that scores was started: it made version 1."""
    check_policy(container)


def of(number: int, step: str = "") -> str:
    """The path of a version, or of a step of it."""
    return f"{POLICIES}{number}{step}"


def lower(api: Client, high: str = "0.6", **more: object) -> dict[str, Any]:
    """A draft of the live version with another threshold, and other members."""
    draft = said(api.post(POLICIES, json={"note": "lower"}), 201)
    contents = draft["contents"]
    changed = {**contents, "settings": {**contents["settings"], "high": high}, **more}
    body = {"contents": changed, "note": "lower"}
    return said(api.put(of(draft["number"]), json=body, headers=ANY))


def test_a_draft_is_compared_promoted_and_rolled_back(api: Client) -> None:
    """The whole way of a change of what decides."""
    draft = lower(api, rules=[{"id": "za-one", **RULE}])
    number = draft["number"]
    changes = said(api.get(of(number, "/diff")))
    assert changes["settings"] == {"RISK_SCORE_HIGH": {"before": "0.7", "after": "0.6"}}
    assert [rule["id"] for rule in changes["rules"]["added"]] == ["za-one"]

    promoted = said(api.post(of(number, "/promote")))
    assert (promoted["state"], promoted["number"]) == ("live", number)
    payment = said(api.post(TRANSACTIONS, json=PAYMENT), 201)
    receipt = said(api.get(f"{TRANSACTIONS}{payment['id']}/score"))
    assert (receipt["policy_version"], receipt["thresholds"]["high"]) == (number, 0.6)

    back = said(api.post(f"{POLICIES}rollback", json={"reason": "too many alerts"}))
    assert back["restored"] == draft["based_on"]
    assert said(api.get(f"{POLICIES}live"))["contents"]["settings"]["high"] == "0.7"
    states = {each["number"]: each["state"] for each in said(api.get(POLICIES))["items"]}
    assert (states[number], states[back["number"]]) == ("rolled_back", "live")


def test_a_draft_decides_nothing(api: Client) -> None:
    """Only the live version does."""
    lower(api, "0.41")
    payment = said(api.post(TRANSACTIONS, json=PAYMENT), 201)
    receipt = said(api.get(f"{TRANSACTIONS}{payment['id']}/score"))
    assert receipt["thresholds"]["high"] == 0.7


def test_all_faults_of_contents_are_named(api: Client) -> None:
    """An author corrects a file once."""
    draft = said(api.post(POLICIES, json={}), 201)
    contents = draft["contents"]
    contents["settings"]["high"] = "7"
    contents["rules"] = [{"id": "za-one", **RULE, "weight": 2}, 3]
    contents["model"] = "../v2"
    answer = api.put(of(draft["number"]), json={"contents": contents}, headers=ANY)
    assert violations(answer).keys() == {
        "contents.settings.high",
        "contents.rules[0].weight",
        "contents.rules[1]",
        "contents.model",
    }


def test_a_change_of_a_rule_after_the_draft_must_be_seen(api: Client) -> None:
    """A promotion must not undo it unseen."""
    draft = lower(api)
    rule = said(api.post(RULES, json=RULE), 201)
    answer = api.post(of(draft["number"], "/promote"))
    assert answer.status_code == 409
    assert "rebase it" in answer.text

    said(api.post(of(draft["number"], "/rebase"), headers=ANY))
    live = said(api.post(of(draft["number"], "/promote")))
    assert [each["id"] for each in live["contents"]["rules"]] == [rule["id"]]


def test_a_version_is_changed_only_with_its_tag(api: Client) -> None:
    """Two authors cannot overwrite each other."""
    draft = said(api.post(POLICIES, json={}), 201)
    old = {"If-Match": '"1"'}
    body = {"contents": draft["contents"]}
    said(api.put(of(draft["number"]), json=body, headers=old))
    assert api.put(of(draft["number"]), json=body, headers=old).status_code == 412


def test_one_draft_is_in_shadow(api: Client) -> None:
    """And it is a draft again afterwards."""
    one, two = lower(api), lower(api, "0.5")
    assert said(api.post(of(one["number"], "/shadow"), headers=ANY))["state"] == "shadow"
    assert api.post(of(two["number"], "/shadow"), headers=ANY).status_code == 409
    assert said(api.delete(of(one["number"], "/shadow"), headers=ANY))["state"] == "draft"
    assert said(api.delete(of(two["number"]), headers=ANY))["state"] == "discarded"


@pytest.mark.parametrize("step", ["", "/diff", "/promote", "/shadow", "/rebase"])
def test_an_unknown_version_is_not_found(api: Client, step: str) -> None:
    """Whatever is done with it."""
    send = api.get if step in {"", "/diff"} else api.post
    assert send(of(99, step), headers=ANY).status_code == 404


def test_a_promotion_needs_the_approval_of_another(author: Client, manager: Client) -> None:
    """Four eyes hold for everything that decides."""
    draft = lower(author)
    proposal = said(author.post(of(draft["number"], "/promote")), 202)
    assert proposal["before"]["settings"]["high"] == "0.7"
    assert proposal["after"]["settings"]["high"] == "0.6"
    assert said(manager.get(f"{POLICIES}live"))["contents"]["settings"]["high"] == "0.7"

    approved(manager, proposal)

    live = said(manager.get(f"{POLICIES}live"))
    assert (live["number"], live["created_by"]) == (draft["number"], "key:author")


def test_an_approval_of_another_live_version_is_stale(author: Client, manager: Client) -> None:
    """The approver saw a difference to a version that is no longer live."""
    one, two = lower(author), lower(author, "0.5")
    first, second = (said(author.post(of(each["number"], "/promote")), 202) for each in (one, two))
    approved(manager, first)
    assert decided(manager, second, "approve").status_code == 409
