"""Named lists over the API: changes are in force, audited, and never logged."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from werkzeug.test import Client

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import account_keys, audit_log
from risksentinel.assembly.container import Container
from risksentinel.domain.account_digest import account_digest
from risksentinel.domain.named_list import MAX_LISTS
from risksentinel.embedded.functions import FUNCTIONS
from tests.functions.caller import (
    ENTRIES,
    LISTS,
    NOW,
    PAYMENT,
    RULES,
    TRANSACTIONS,
    imported,
    said,
    values,
    violations,
)

ON_MULE = {
    "name": "A mule is paid",
    "condition": {"field": "receiver_id", "operator": "in_list", "value": "mule"},
    "weight": 1,
    "severity": "critical",
    "floor": 0.95,
}


def audited(container: Container) -> list[tuple[str, str, str, Any]]:
    """The audit entries of lists: actor, action and list, in order."""
    query = select(audit_log).where(audit_log.c.subject_kind == "list").order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        rows = connection.execute(query).all()
    return [(row.actor, row.action, row.subject_id, row.details) for row in rows]


def test_four_empty_lists_are_there_from_the_start(api: Client) -> None:
    """The default lists exist, so that the first rule can use them."""
    items = said(api.get(LISTS))["items"]

    assert [(each["name"], each["size"]) for each in items] == [
        ("allow", 0),
        ("block", 0),
        ("mule", 0),
        ("own", 0),
    ]


def test_a_listed_account_is_stopped_in_any_spelling(container: Container, api: Client) -> None:
    """A rule with a list decides the next payment."""
    watch = [NOW]
    other = Container(container.settings, clock=lambda: watch[0])
    paying = Client(FUNCTIONS["ingest"](other))
    said(api.post(RULES, json=ON_MULE), 201)
    before = said(paying.post(TRANSACTIONS, json=PAYMENT), 201)
    said(api.post(ENTRIES, json={"value": " SHOP-1 ", "reason": "case 77"}), 201)
    watch[0] += timedelta(seconds=1)

    listed = said(paying.post(TRANSACTIONS, json=PAYMENT), 201)
    not_listed = said(paying.post(TRANSACTIONS, json={**PAYMENT, "receiver_id": "shop-2"}), 201)

    other.close()
    decisions = [before["decision"], listed["decision"], not_listed["decision"]]
    assert decisions == ["approve", "decline", "approve"]
    assert any("A mule is paid" in reason for reason in listed["reasons"])


def test_a_list_is_made_and_deleted(api: Client) -> None:
    """An analyst can create and delete lists."""
    made = api.post(LISTS, json={"name": "vip", "description": "Directors"})
    said(api.post(f"{LISTS}vip/entries", json={"value": "a"}), 201)
    twice = api.post(LISTS, json={"name": "vip"})
    deleted = api.delete(f"{LISTS}vip")
    said(api.post(LISTS, json={"name": "vip"}), 201)

    assert said(made, 201)["description"] == "Directors"
    assert made.headers["Location"] == f"{LISTS}vip"
    assert [*violations(twice, 409)] == ["name"]
    assert deleted.status_code == 204
    assert values(api, "vip") == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", ["none", "none/entries/a"])
def test_what_is_not_there_is_404(api: Client, method: str, path: str) -> None:
    """A misspelt list name gets 404, and creates no list."""
    if (method, path) != ("GET", "none/entries/a"):
        assert api.open(LISTS + path, method=method).status_code == 404
    assert api.put(f"{LISTS}none/entries/a", json={}).status_code == 404
    assert api.get(f"{LISTS}none/export").status_code == 404


@pytest.mark.parametrize("name", ["A", "a b", "-a", "a" * 65, ""])
def test_a_name_that_no_rule_can_write_is_refused(api: Client, name: str) -> None:
    """The name of a list has the same rules here as in a rule."""
    assert [*violations(api.post(LISTS, json={"name": name}))] == ["name"]


def test_a_list_that_an_active_rule_uses_is_not_deleted(api: Client) -> None:
    """A list that an active rule uses cannot be deleted: the rule would not fire."""
    rule = said(api.post(RULES, json=ON_MULE), 201)

    refused = api.delete(f"{LISTS}mule")
    api.delete(RULES + rule["id"])
    deleted = api.delete(f"{LISTS}mule")

    assert '"A mule is paid"' in violations(refused, 409)[""]
    assert deleted.status_code == 204


def test_there_are_only_so_many_lists(api: Client) -> None:
    """The number of lists is limited, because each process holds them in memory."""
    answers = [api.post(LISTS, json={"name": f"l{n}"}) for n in range(MAX_LISTS - 4 + 1)]

    assert [each.status_code for each in answers[-2:]] == [201, 409]


def test_every_change_is_audited_with_its_author(container: Container, thandi: Client) -> None:
    """The audit log has the actor and the reason of every change."""
    thandi.post(LISTS, json={"name": "vip"})
    thandi.post(f"{LISTS}vip/entries", json={"value": "a", "reason": "r"})
    thandi.post(f"{LISTS}vip/entries", json={"value": "a", "reason": "r"})
    thandi.put(f"{LISTS}vip/entries/A", json={})
    thandi.delete(f"{LISTS}vip/entries/a")
    thandi.post(f"{LISTS}vip/import", data="value\nb\nc\n", content_type="text/csv")
    thandi.delete(f"{LISTS}vip")

    found = audited(container)

    assert {(actor, name) for actor, _, name, _ in found} == {("key:thandi", "vip")}
    nothing = {"reason": "", "expires_at": None}
    was = {"reason": "r", "expires_at": None}
    with reading(container.engine) as connection:
        key = connection.scalars(select(account_keys.c.key)).one()
    value = {"value_digest": account_digest(key, "a")}
    assert [(action, details) for _, action, _, details in found] == [
        ("list.created", {"description": ""}),
        ("list.entry_added", {**value, **was}),
        ("list.entry_replaced", {**value, **nothing, "before": was}),
        ("list.entry_removed", value),
        ("list.imported", {"added": 2, "replaced": 0}),
        ("list.deleted", {"size": 2}),
    ]


@pytest.fixture
def logs() -> Iterator[list[Any]]:
    """The log entries of a test."""
    with capture_logs() as captured:
        yield captured


def test_no_value_of_a_list_is_logged(api: Client, logs: list[Any]) -> None:
    """Values of lists are account numbers, and must not be logged."""
    api.post(RULES, json=ON_MULE)
    api.post(ENTRIES, json={"value": "SECRET-1"})
    api.get(f"{ENTRIES}?value=SECRET-1")
    api.put(f"{ENTRIES}/SECRET-1", json={"reason": "SECRET-2"})
    imported(api, "value\nSECRET-3\nSECRET-3\n")
    api.post(TRANSACTIONS, json={**PAYMENT, "receiver_id": "SECRET-1"})
    api.delete(f"{ENTRIES}/SECRET-1")

    assert len(logs) >= 7
    assert "secret" not in str(logs).lower()
