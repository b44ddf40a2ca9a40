"""Changes under four eyes over the API: proposed, approved by another, and then in force."""

from typing import Any

import pytest
from werkzeug.test import Client

from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.assembly.container import Container
from risksentinel.scoring.policy import Policy
from tests.functions.caller import (
    LISTS,
    PAYMENT,
    PROPOSALS,
    RULE,
    RULES,
    TRANSACTIONS,
    address,
    said,
    violations,
)
from tests.functions.proposing import approved, audited, decided

DECLINES_ALL = {
    "name": "Every payment",
    "condition": {"field": "amount_zar", "operator": "gt", "value": "0.00"},
    "weight": 1,
    "floor": 1,
    "severity": "critical",
    "action": "decline",
}


ANY_VERSION = {"If-Match": "*"}


@pytest.fixture
def in_force(author: Client, manager: Client) -> dict[str, Any]:
    """A rule that was proposed and approved."""
    return approved(manager, said(author.post(RULES, json=RULE), 202))


def test_one_call_does_not_decline_every_payment(
    author: Client, manager: Client, api: Client, four_eyes: Container
) -> None:
    """A single stolen credential stopped all payments before proposals existed."""
    proposal = said(author.post(RULES, json=DECLINES_ALL), 202)

    assert said(manager.get(RULES))["items"] == []
    assert said(api.post(TRANSACTIONS, json=PAYMENT), 201)["decision"] == "approve"

    approved(manager, proposal)
    (rule,) = said(manager.get(RULES))["items"]
    assert rule["id"] == proposal["subject"]
    book = SqlRuleBook(four_eyes.engine, four_eyes.clock, Policy())
    assert [each.id for each in book.edition().rules] == [rule["id"]]
    book.is_whole()


def test_a_proposal_shows_the_subject_before_and_after(
    author: Client, manager: Client, in_force: dict[str, Any]
) -> None:
    """The approver decides on a difference, not on a patch."""
    response = author.patch(
        RULES + in_force["subject"],
        json={"weight": 0.9},
        headers={**ANY_VERSION, "Change-Reason": "too many misses"},
    )
    proposal = said(response, 202)

    shown = said(manager.get(response.headers["Location"]))

    assert shown == proposal
    assert (shown["before"]["weight"], shown["after"]["weight"]) == (0.5, 0.9)
    assert {**shown["before"], "weight": 0.9} == shown["after"]
    assert (shown["status"], shown["reason"]) == ("pending", "too many misses")
    assert (shown["proposed_by"], shown["decided_by"]) == ("key:author", None)
    assert "warnings" in shown


def test_one_delete_does_not_remove_a_rule(
    author: Client, manager: Client, in_force: dict[str, Any]
) -> None:
    """Who removes a rule lets a fraud pass as surely as who writes a wrong one."""
    path = RULES + in_force["subject"]
    proposal = said(author.delete(path, headers=ANY_VERSION), 202)

    assert said(manager.get(path))["active"]
    approved(manager, proposal)
    assert not said(manager.get(path))["active"]


@pytest.mark.parametrize("how", ["approve", "refuse"])
def test_the_proposer_does_not_decide(manager: Client, how: str) -> None:
    """A risk manager proposes and approves, but never the same change."""
    proposal = said(manager.post(RULES, json=RULE), 202)

    assert decided(manager, proposal, how, "because").status_code == 403
    assert said(manager.get(PROPOSALS + proposal["id"]))["status"] == "pending"
    assert said(manager.get(RULES))["items"] == []


def test_an_author_approves_nothing(author: Client, manager: Client) -> None:
    """Approval is a right of its own."""
    proposal = said(manager.post(RULES, json=RULE), 202)

    assert decided(author, proposal, "approve").status_code == 403


def test_a_refusal_has_a_reason(author: Client, manager: Client) -> None:
    """The proposer must learn what to change."""
    proposal = said(author.post(RULES, json=RULE), 202)

    assert decided(manager, proposal, "refuse").status_code == 422
    refused = said(decided(manager, proposal, "refuse", "the limit is too low"))

    assert (refused["status"], refused["decision_reason"]) == ("refused", "the limit is too low")
    assert decided(manager, proposal, "approve").status_code == 409
    assert said(manager.get(RULES))["items"] == []


def test_a_proposal_is_withdrawn_by_its_proposer(author: Client, manager: Client) -> None:
    """Another may refuse it, with a reason."""
    proposal = said(author.post(RULES, json=RULE), 202)

    assert decided(manager, proposal, "withdraw").status_code == 403
    assert said(decided(author, proposal, "withdraw"))["status"] == "withdrawn"
    assert decided(manager, proposal, "approve").status_code == 409


def test_a_proposal_on_an_older_version_is_stale(
    author: Client, manager: Client, in_force: dict[str, Any]
) -> None:
    """An approval must not undo a change that the proposer had not seen."""
    path = RULES + in_force["subject"]
    first, second = (
        said(author.patch(path, json={"weight": weight}, headers=ANY_VERSION), 202)
        for weight in (0.6, 0.7)
    )
    approved(manager, first)

    assert decided(manager, second, "approve").status_code == 409
    assert said(manager.get(PROPOSALS + second["id"]))["status"] == "stale"
    assert said(manager.get(path))["weight"] == 0.6


@pytest.mark.parametrize("wrong", [{**RULE, "weight": 2}, {**RULE, "surprise": 1}, {}, []])
def test_a_wrong_rule_is_refused_when_it_is_proposed(
    author: Client, api: Client, wrong: object
) -> None:
    """The proposer sees the errors of a direct change, and an approver no wrong rule."""
    direct, proposed = api.post(RULES, json=wrong), author.post(RULES, json=wrong)

    assert violations(proposed) == violations(direct)
    assert said(author.get(PROPOSALS))["items"] == []


def test_a_taken_name_is_refused_at_proposal_and_at_approval(
    author: Client, manager: Client
) -> None:
    """Two pending proposals may have one name: the second stays pending until it is changed."""
    first, second = (said(author.post(RULES, json=RULE), 202) for _ in range(2))
    approved(manager, first)

    assert decided(manager, second, "approve").status_code == 409
    assert said(manager.get(PROPOSALS + second["id"]))["status"] == "pending"
    assert author.post(RULES, json=RULE).status_code == 409


def test_a_stale_etag_is_refused(author: Client, in_force: dict[str, Any]) -> None:
    """The proposer must have read the newest version, as for a direct change."""
    path, headers = RULES + in_force["subject"], {"If-Match": '"7"'}

    assert author.patch(path, json={"weight": 0.1}, headers=headers).status_code == 412


def test_a_change_without_effect_is_no_proposal(author: Client, in_force: dict[str, Any]) -> None:
    """An approver's time is not spent on nothing."""
    response = author.patch(RULES + in_force["subject"], json={"weight": 0.5}, headers=ANY_VERSION)

    assert said(response, 409)["detail"] == "the change would change nothing"


def test_a_rule_is_stopped_by_one_person_and_started_by_two(
    author: Client, manager: Client, four_eyes: Container, in_force: dict[str, Any]
) -> None:
    """A rule that declines good payments must not wait for a second person."""
    path, why = RULES + in_force["subject"], {"reason": "it declines salaries"}

    assert author.post(f"{path}/stop", json=why).status_code == 403
    assert manager.post(f"{path}/stop", json={"reason": " "}).status_code == 422
    assert not said(manager.post(f"{path}/stop", json=why))["active"]
    actor, action, details = audited(four_eyes)[-1]
    assert (actor, action, details["reason"]) == ("key:manager", "rule.stopped", why["reason"])

    start = said(manager.patch(path, json={"active": True}, headers=ANY_VERSION), 202)
    assert not said(manager.get(path))["active"]
    assert decided(manager, start, "approve").status_code == 403


def test_each_step_is_audited_with_both_people(
    author: Client, manager: Client, four_eyes: Container
) -> None:
    """An examiner asks who wanted a change, and who agreed."""
    proposal = said(author.post(RULES, json=RULE), 202)
    approved(manager, proposal)

    steps = [each for each in audited(four_eyes) if each[1] != "accounts.read"]
    assert [(actor, action) for actor, action, _ in steps] == [
        ("key:author", "proposal.proposed"),
        ("key:manager", "proposal.approved"),
        ("key:author", "rule.created"),
    ]
    assert steps[1][2]["proposed_by"] == "key:author"
    assert (steps[2][2]["approved_by"], steps[2][2]["proposal"]) == ("key:manager", proposal["id"])


def test_proposals_are_listed_by_status_and_kind(author: Client, manager: Client) -> None:
    """The approver asks for what is pending."""
    one = said(author.post(RULES, json=RULE), 202)
    two = said(author.post(LISTS, json={"name": "vip"}), 202)
    approved(manager, two)

    def ids(query: str) -> list[str]:
        return [each["id"] for each in said(manager.get(PROPOSALS + query))["items"]]

    assert ids("?status=pending") == [one["id"]]
    assert ids("?kind=list.create") == [two["id"]]
    assert ids("?status=refused") == []
    page = said(manager.get(f"{PROPOSALS}?limit=1"))
    rest = said(manager.get(f"{PROPOSALS}?limit=1&cursor={page['next_cursor']}"))
    assert {page["items"][0]["id"], rest["items"][0]["id"]} == {one["id"], two["id"]}
    assert manager.get(f"{PROPOSALS}?status=x").status_code == 422


def test_without_four_eyes_a_change_is_made_at_once(api: Client, rule: dict[str, Any]) -> None:
    """One person on a laptop has no second pair of eyes."""
    assert said(api.get(address(rule)))["weight"] == rule["weight"]
    assert said(api.get(PROPOSALS))["items"] == []
