"""The dry run of a rule over the API."""

from typing import Any, Final

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from tests.functions.caller import LISTS, PAYMENT, RULE, RULES, TRANSACTIONS, said, violations
from tests.functions.keyed import keyed

TRY: Final = f"{RULES}try"
SENDER: Final = "ZA29000000000001"


def tried(api: Client, rule: dict[str, Any] = RULE, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - members of the body
    """The answer to a dry run."""
    return dict(said(api.post(TRY, json={"rule": rule, **body})))


def paid(api: Client, name: str, **members: str) -> None:
    """Score a payment."""
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": name, **members}), 201)


@pytest.fixture
def payments(api: Client) -> Client:
    """Three payments of two days: RULE fires on `p-2` and `p-3`, which is labelled genuine."""
    paid(api, "p-1", amount_zar="90.00", occurred_at="2026-04-29T12:00:00Z", sender_id=SENDER)
    paid(api, "p-2", amount_zar="110.00", occurred_at="2026-04-30T12:00:00Z", sender_id=SENDER)
    paid(api, "p-3", amount_zar="120.00", occurred_at="2026-05-01T12:00:00Z", sender_id=SENDER)
    label = {"label": "genuine", "source": LabelSource.CUSTOMER_REPORT.value}
    said(api.post(f"{TRANSACTIONS}p-3/label", json=label), 201)
    return api


def test_a_dry_run_answers_what_a_rule_would_have_fired_on(payments: Client) -> None:
    """Figures, labels and examples, of a rule that is not stored."""
    found = tried(payments)

    examples = found.pop("examples")
    assert found == {
        "payments": 3,
        "first": "2026-04-29T12:00:00Z",
        "last": "2026-05-01T12:00:00Z",
        "complete": True,
        "looked_down_to": None,
        "fired": 2,
        "share": 0.666667,
        "amount_zar": "230.00",
        "unknown": 0,
        "without_facts": 0,
        "labelled_fraud": 0,
        "labelled_genuine": 1,
        "precision": 0.0,
        "genuine_customers": 1,
        "new_alerts_per_day": 1.0,
        "warnings": [],
    }
    assert examples[0] == {
        "transaction_id": "p-3",
        "occurred_at": "2026-05-01T12:00:00Z",
        "sender_id": SENDER,
        "receiver_id": "shop-1",
        "amount_zar": "120.00",
        "channel": "pos",
        "rail": None,
        "decision": "approve",
        "risk_level": "low",
        "alert": False,
        "fraud": False,
    }
    assert [each["transaction_id"] for each in examples] == ["p-3", "p-2"]
    assert said(payments.get(RULES))["items"] == []


def test_a_span_and_a_limit_choose_the_payments(payments: Client) -> None:
    """`until` is excluded, and the newest payments of the span are taken."""
    spanned = tried(payments, since="2026-04-30T12:00:00Z", until="2026-05-01T12:00:00Z")
    newest = tried(payments, limit_payments=1)
    none = tried(payments, until="2026-04-01T00:00:00Z")

    assert [each["transaction_id"] for each in spanned["examples"]] == ["p-2"]
    assert (newest["payments"], newest["fired"]) == (1, 1)
    assert (none["payments"], none["share"], none["precision"]) == (0, None, None)


def test_one_payment_is_explained_step_by_step(payments: Client) -> None:
    """Each comparison is true, false or unknown, with the value of the rule and of the payment."""
    condition = {
        "all": [
            {"field": "amount_zar", "operator": "gt", "value": "100.00"},
            {"not": {"field": "sender.count_7d", "operator": "gte", "value": 9}},
            {"any": [{"field": "device_id", "operator": "eq", "value": "D-1"}]},
        ]
    }

    found = tried(payments, {**RULE, "condition": condition}, transaction_id="p-2")

    amount, negated, either = found["steps"]["all"]
    assert (found["fires"], found["result"], found["decision"]) == (False, "unknown", "approve")
    assert (amount["value"], amount["seen"], amount["result"]) == ("100.00", "110.00", "true")
    assert (negated["not"]["seen"], negated["not"]["result"]) == (2, "false")
    assert negated["result"] == "true"
    assert (either["any"][0]["seen"], either["result"]) == (None, "unknown")


def test_an_invalid_rule_gets_the_violations_of_a_rule_that_is_written(api: Client) -> None:
    """Their paths begin at the body's `rule`."""
    broken = {**RULE, "weight": 2, "condition": {"field": "amount", "operator": "gt", "value": 1}}

    written = violations(api.post(RULES, json=broken))

    assert violations(api.post(TRY, json={"rule": broken})) == {
        f"rule.{path}": message for path, message in written.items()
    }
    assert violations(api.post(TRY, json={"rule": []})) == {"rule": "a rule must be an object"}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "rule"),
        ({"rule": RULE, "limit_payments": 50_001}, "limit_payments"),
        ({"rule": RULE, "limit_payments": "5"}, "limit_payments"),
        ({"rule": RULE, "since": "yesterday"}, "since"),
        ({"rule": RULE, "sincs": "2026-05-01T12:00:00Z"}, "sincs"),
        (
            {"rule": RULE, "since": "2026-05-02T00:00:00Z", "until": "2026-05-01T00:00:00Z"},
            "since",
        ),
    ],
)
def test_a_body_outside_its_limits_is_refused(
    api: Client, body: dict[str, object], path: str
) -> None:
    """The violation names the member."""
    assert list(violations(api.post(TRY, json=body))) == [path]


def test_a_payment_without_a_decision_is_404(api: Client) -> None:
    """Its facts are not known."""
    said(api.post(TRY, json={"rule": RULE, "transaction_id": "nothing"}), 404)


def test_account_numbers_are_masked_for_who_may_not_read_them(
    payments: Client, guarded: Container
) -> None:
    """In the examples, and in the steps the value of the payment, not that of the rule."""
    author = keyed(guarded, "author", Role.RULE_AUTHOR)
    rule = {**RULE, "condition": {"field": "sender_id", "operator": "ne", "value": "ZA99"}}
    assert tried(payments, rule)["examples"][0]["sender_id"] == SENDER

    found = tried(author, rule)
    steps = tried(author, rule, transaction_id="p-1")["steps"]

    assert {each["sender_id"] for each in found["examples"]} == {"****0001"}
    assert (steps["seen"], steps["value"], steps["result"]) == ("****0001", "ZA99", "true")


def test_a_list_that_no_rule_used_is_read_as_it_is_now(payments: Client) -> None:
    """The receipts do not have it; a list that does not exist is unknown."""
    said(payments.post(LISTS, json={"name": "seen"}), 201)
    said(payments.post(f"{LISTS}seen/entries", json={"value": SENDER}), 201)
    listing = {"field": "sender_id", "operator": "in_list"}

    listed = tried(payments, {**RULE, "condition": {**listing, "value": "seen"}})
    missing = tried(payments, {**RULE, "condition": {**listing, "value": "missing"}})

    assert (missing["fired"], missing["unknown"]) == (0, 3)
    assert (listed["fired"], listed["unknown"]) == (3, 0)


@pytest.mark.parametrize("operator", ["contains", "starts_with", "ends_with", "regex"])
def test_parts_of_masked_account_numbers_cannot_be_tried(
    payments: Client, guarded: Container, operator: str
) -> None:
    """A few dry runs would find the number that the response masks, digit by digit."""
    comparison = {"field": "sender_id", "operator": operator, "value": "ZA29"}
    rule = {**RULE, "condition": {"any": [{"not": {"all": [comparison]}}]}}
    body = {"rule": rule}

    refused = keyed(guarded, "author", Role.RULE_AUTHOR).post(TRY, json=body)
    said(keyed(guarded, "manager", Role.RISK_MANAGER).post(TRY, json=body))

    assert "accounts.read" in said(refused, 403)["detail"]
    said(payments.post(TRY, json=body))


def test_steps_of_unmasked_accounts_leave_an_audit_entry(
    payments: Client, guarded: Container
) -> None:
    """As each other read of one payment in full does; a dry run over a span leaves none."""
    manager = keyed(guarded, "manager", Role.RISK_MANAGER)

    tried(manager)
    of_a_span = _reads(guarded)
    tried(manager, transaction_id="p-1")

    assert of_a_span == []
    assert _reads(guarded) == [("manager", "transaction", "p-1")]
    assert payments is not None


def _reads(container: Container) -> list[tuple[str, str, str]]:
    """The reads of account numbers in the audit log."""
    entry = audit_log.c
    query = select(entry.actor, entry.subject_kind, entry.subject_id)
    with reading(container.engine) as connection:
        rows = connection.execute(query.where(entry.action == "accounts.read"))
        return [(actor.rpartition(":")[2], kind, name) for actor, kind, name in rows]
