"""Insecure direct object references (OWASP API1:2023): the id of an object gives no access to it.

Generated from the OpenAPI document: each operation with an id in its path, and each one with the
id of an account, payment or person in its query.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from werkzeug.test import Client, TestResponse

from functions.dashboard.documentation import DOCUMENT
from risksentinel.assembly.container import Container
from risksentinel.domain.access import RIGHTS_OF, Right, Role
from risksentinel.domain.label import LabelSource
from risksentinel.embedded.gateway import Gateway
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from tests.functions.caller import (
    CASH,
    LARGE,
    LISTS,
    NOW,
    PAYMENT,
    PROPOSALS,
    REPORTS,
    RULE,
    RULES,
    TRANSACTIONS,
    said,
)
from tests.functions.caller import gateway as gateway_of
from tests.functions.keyed import keyed

DOCUMENTED: Final[dict[str, dict[str, Any]]] = json.loads(DOCUMENT.read_text())["paths"]
# The parameters of queries that name an object of a customer or a person.
NAMING: Final = frozenset({"sender_id", "transaction_id", "assignee", "subject", "actor", "value"})
OTHERS: Final = frozenset(
    {
        *("cursor", "limit", "severity", "status", "days", "from", "to", "kind", "due_from"),
        *("due_to", "active_only", "risk_level", "explain", "action", "state", "against"),
    }
)
UNKNOWN: Final = "999999999"  # has the form of each kind of id
SENDER: Final = str(PAYMENT["sender_id"])
# One address is one operation with one parameter that names an object.
Address = tuple[str, str, str, Right]


def _right(operation: Mapping[str, Any]) -> Right | None:
    rights = {right for each in operation["security"] for named in each.values() for right in named}
    return Right(rights.pop()) if rights else None


def _addresses() -> Iterator[Address]:
    for path, operations in DOCUMENTED.items():
        for method, operation in operations.items():
            right = _right(operation)
            if right is None:
                continue
            named = operation.get("parameters", [])
            query = {each["name"] for each in named if each["in"] == "query"}
            if any(each["in"] == "path" for each in named):
                yield method.upper(), path, "", right
            for name in sorted(query & NAMING):
                yield method.upper(), path, name, right


ADDRESSES: Final = tuple(_addresses())


@pytest.fixture(scope="module")
def bank(gateway: Gateway, shared_home: Path) -> Iterator[Container]:
    """Functions that ask for keys and approvals, on the module's database."""
    del gateway  # has seeded the database
    settings = Settings(risksentinel_home=shared_home, auth=frozenset({Method.KEYS}))
    container = Container(settings, clock=lambda: NOW)
    yield container
    container.close()


@pytest.fixture(scope="module")
def owner(bank: Container) -> Client:
    """The caller that owns every object."""
    return keyed(bank, "owner", *Role, sources=LabelSource)


@pytest.fixture(scope="module")
def objects(bank: Container, owner: Client) -> Mapping[str, str]:
    """The ids of objects that exist, by the name of the parameter."""
    raised = said(owner.post(TRANSACTIONS, json={**LARGE, "id": "p-1"}), 201)
    said(owner.post(TRANSACTIONS, json={**CASH, "id": "p-2"}), 201)
    proposal = said(owner.post(RULES, json=RULE), 202)
    listed = said(
        owner.post(f"{LISTS}mule/entries", json={"value": "acc-7", "reason": "reported"}), 202
    )
    other = keyed(bank, "other", Role.RISK_MANAGER)
    said(other.post(f"{PROPOSALS}{listed['id']}/approve", json={}))
    entries = said(owner.get("/api/v1/ledger/entries"))["items"]
    return {
        "transaction_id": "p-1",
        "alert_id": raised["alert_id"],
        "report_id": said(owner.get(REPORTS))["items"][0]["id"],
        "rule_id": said(owner.get(RULES))["items"][0]["id"],
        "proposal_id": proposal["id"],
        "number": "1",
        "entry_id": str(entries[0]["id"]),
        "name": "mule",
        "value": "acc-7",
        "sender_id": SENDER,
        "assignee": "owner",
        "subject": "p-1",
        "actor": "key:owner",
    }


@pytest.fixture(scope="module")
def callers(bank: Container) -> Mapping[str, Client]:
    """A caller with each role, and one that reports chargebacks only."""
    one = {str(role): keyed(bank, f"one-{role}", role) for role in Role}
    sources = {"chargebacks": keyed(bank, "chargebacks", sources=[LabelSource.CHARGEBACK])}
    return {**one, **sources}


def _ask(client: Client, address: Address, objects: Mapping[str, str] | None) -> TestResponse:
    """Send the request with ids that exist, or with unknown ones."""
    method, path, query, _ = address
    class_of = objects if objects is not None else dict.fromkeys(_names(path), UNKNOWN)
    given = {query: UNKNOWN if objects is None else objects[query]} if query else {}
    body: dict[str, Any] | None = {} if method in {"POST", "PUT", "PATCH"} else None
    return client.open(
        path.format_map(class_of), method=method, query_string=given, json=body, headers=WANTED
    )


WANTED: Final = {"If-Match": '"1"', "X-Request-ID": "same"}


def _names(path: str) -> list[str]:
    return [part.strip("{}") for part in path.split("/") if part.startswith("{")]


def _shown(answer: TestResponse) -> tuple[int, Any, list[tuple[str, str]]]:
    """What a caller sees of the answer, without the path that the caller named."""
    body = answer.get_json(force=True)
    body.pop("instance", None)
    seen = [each for each in answer.headers if each[0] not in {"Date", "Content-Length"}]
    return answer.status_code, body, seen


def test_each_parameter_of_a_query_names_an_object_or_does_not() -> None:
    """A new parameter must be put into one of the two sets, or these tests would miss it."""
    stated = {
        each["name"]
        for operations in DOCUMENTED.values()
        for operation in operations.values()
        for each in operation.get("parameters", [])
        if each["in"] == "query"
    }

    assert stated == NAMING | OTHERS
    assert len(ADDRESSES) > 30


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda each: " ".join(each[:3]).strip())
def test_without_the_right_an_id_that_exists_is_answered_as_an_unknown_one(
    address: Address, callers: Mapping[str, Client], objects: Mapping[str, str]
) -> None:
    """403 without content: the answer does not even say whether the object exists."""
    refused = 0
    for name, client in callers.items():
        role_rights = RIGHTS_OF[Role(name)] if name in set(Role) else frozenset()
        labels = name == "chargebacks" and address[3] is Right.WRITE_LABELS
        if address[3] in role_rights or labels:
            continue
        refused += 1
        known, unknown = _ask(client, address, objects), _ask(client, address, None)
        assert known.status_code == 403, (name, known.text)
        assert _shown(known) == _shown(unknown), name
        assert not [each for each in objects.values() if each in known.get_json()["detail"]]
    assert refused


@pytest.mark.parametrize("address", ADDRESSES, ids=lambda each: " ".join(each[:3]).strip())
def test_without_credentials_an_id_that_exists_is_answered_as_an_unknown_one(
    address: Address, bank: Container, objects: Mapping[str, str]
) -> None:
    """401 comes before the object is looked up."""
    stranger = Client(gateway_of(bank))

    known, unknown = _ask(stranger, address, objects), _ask(stranger, address, None)

    assert known.status_code == 401
    assert _shown(known) == _shown(unknown)


def test_a_submitter_reads_nothing_back_not_even_its_own(
    bank: Container, objects: Mapping[str, str]
) -> None:
    """The right to submit includes no right to read: an answer comes with the request only."""
    submitter = keyed(bank, "shop", Role.SUBMITTER)
    said(submitter.post(TRANSACTIONS, json={**PAYMENT, "id": "shop-1"}), 201)

    for payment in ("shop-1", objects["transaction_id"], "unknown"):
        for place in ("", "/score"):
            answer = submitter.get(f"{TRANSACTIONS}{payment}{place}")
            assert answer.status_code == 403
            assert "payments.read" in answer.get_json()["detail"]
    assert submitter.get(TRANSACTIONS, query_string={"sender_id": SENDER}).status_code == 403


def test_the_payment_of_another_submitter_is_not_read_by_sending_its_id(
    bank: Container, objects: Mapping[str, str]
) -> None:
    """An id that is taken is a conflict, which says nothing of the stored payment."""
    submitter = keyed(bank, "rival", Role.SUBMITTER)
    guess = {**PAYMENT, "sender_id": "acc-guess", "id": objects["transaction_id"]}

    one = submitter.post(TRANSACTIONS, json=guess)
    batch = submitter.post(f"{TRANSACTIONS}batch", json={"transactions": [guess]})

    assert one.status_code == 409
    for text in (one.text, batch.text):
        for stored in ("750000", "750 000", SENDER + '"', "decline", "review", "score", "alert"):
            assert stored not in text
