"""Every role on every operation, as the OpenAPI document states them."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from werkzeug.test import Client, TestResponse

from functions.dashboard.documentation import DOCUMENT
from risksentinel.assembly.container import Container
from risksentinel.domain.access import RIGHTS_OF, Right, Role
from risksentinel.domain.label import LabelSource
from risksentinel.embedded.gateway import Gateway
from risksentinel.settings.authentication import Method
from tests.functions.caller import PAYMENT, TRANSACTIONS
from tests.functions.caller import gateway as gateway_of
from tests.functions.keyed import keyed, new_key

DOCUMENTED: Final[dict[str, dict[str, Any]]] = json.loads(DOCUMENT.read_text())["paths"]
OPERATIONS: Final = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENTED.items()
    for method, operation in operations.items()
]
OF_EVERY_CALLER: Final = ("GET", "/api/v1/session")
GUARDED: Final = [
    each for each in OPERATIONS if each[2]["security"] and each[:2] != OF_EVERY_CALLER
]
VALUES: Final = {
    **dict.fromkeys(("transaction_id", "alert_id", "report_id"), "unknown"),
    **dict.fromkeys(("rule_id", "proposal_id"), "unknown"),
    **dict.fromkeys(("entry_id", "number"), "999999999"),
    **dict.fromkeys(("name", "value"), "unknown"),
}
Ask = Callable[[str, str, str | None], TestResponse]


def _named(part: object) -> str:
    return part if isinstance(part, str) else ""


@pytest.fixture(scope="module")
def keys(guarded_module: Container) -> dict[Role, str]:
    """A key with each role."""
    return {role: new_key(guarded_module, f"one-{role}", [role]) for role in Role}


@pytest.fixture(scope="module")
def ask(gateway: Gateway, guarded_module: Container) -> Ask:
    """Sends a request to an operation, with a key or without credentials."""
    del gateway  # has seeded the database
    client = Client(gateway_of(guarded_module))

    def asked(method: str, path: str, key: str | None) -> TestResponse:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return client.open(path.format(**VALUES), method=method, headers=headers)

    return asked


def right_of(operation: dict[str, Any]) -> Right:
    """The right that the document states for each scheme."""
    stated = {
        name for scheme in operation["security"] for names in scheme.values() for name in names
    }
    assert {scheme for each in operation["security"] for scheme in each} == {
        "accessToken",
        "apiKey",
        "session",
    }
    (right,) = stated
    return Right(right)


@pytest.mark.parametrize(("method", "path", "operation"), GUARDED, ids=_named)
@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_its_rights_name_and_nothing_else(
    role: Role, method: str, path: str, operation: dict[str, Any], ask: Ask, keys: dict[Role, str]
) -> None:
    """403 without the right; with it, the answer depends on the request."""
    may = right_of(operation) in RIGHTS_OF[role]

    answer = ask(method, path, keys[role])

    if may:
        assert answer.status_code not in {401, 403}, answer.text
    else:
        assert answer.status_code == 403
        assert right_of(operation) in answer.get_json()["detail"]


@pytest.mark.parametrize("role", Role)
def test_every_caller_may_read_who_the_caller_is(
    role: Role, ask: Ask, keys: dict[Role, str]
) -> None:
    """The answer has the roles and rights, so a page shows what the caller may do."""
    method, path = OF_EVERY_CALLER
    answer = ask(method, path, keys[role])

    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["roles"], body["rights"]) == ([role], sorted(RIGHTS_OF[role]))
    assert (body["person"], body["expires_at"]) == (False, None)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=_named)
@pytest.mark.parametrize("key", [None, "rs_000000000000_" + "A" * 43, "e30.e30.e30"])
def test_without_valid_credentials_only_open_operations_answer(
    key: str | None, method: str, path: str, operation: dict[str, Any], ask: Ask
) -> None:
    """Probes and the documentation are open to everybody; everything else is 401."""
    answer = ask(method, path, key)

    if operation["security"]:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.content_type == "application/problem+json"
    else:
        assert answer.status_code == 200


def test_the_operations_that_need_no_credentials_are_the_probes() -> None:
    """Nothing of a customer is open."""
    free = [(method, path) for method, path, operation in OPERATIONS if not operation["security"]]

    probes = ("", "/liveness", "/readiness")
    assert free == [
        ("GET", f"{public}/health{probe}") for public in ("/api/v1", "") for probe in probes
    ]


def test_a_head_request_needs_what_a_get_request_needs(ask: Ask, keys: dict[Role, str]) -> None:
    """Its headers say whether a payment exists."""
    assert ask("HEAD", "/api/v1/transactions", None).status_code == 401
    assert ask("HEAD", "/api/v1/transactions", keys[Role.SUBMITTER]).status_code == 403
    assert ask("HEAD", "/api/v1/transactions", keys[Role.ANALYST]).status_code == 200


@pytest.mark.parametrize(
    ("roles", "sources", "source", "status"),
    [
        ([Role.ANALYST], [], "analyst", 201),
        ([Role.ANALYST], [], "chargeback", 403),
        ([Role.ANALYST], [], "customer_report", 403),
        ([Role.RISK_MANAGER], [], "chargeback", 403),
        ([], [LabelSource.CHARGEBACK], "chargeback", 201),
        ([], [LabelSource.CHARGEBACK], "analyst", 403),
        ([Role.ANALYST], [LabelSource.CUSTOMER_REPORT], "customer_report", 201),
    ],
)
def test_a_label_is_of_a_source_of_its_caller(
    guarded: Container,
    api: Client,
    roles: list[Role],
    sources: list[LabelSource],
    source: str,
    status: int,
) -> None:
    """A forged chargeback would replace the real one."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"})
    caller = keyed(guarded, "caller", *roles, sources=sources)

    answer = caller.post(f"{TRANSACTIONS}p-1/label", json={"label": "fraud", "source": source})

    assert answer.status_code == status
    if status == 201:
        assert answer.get_json()["history"][0]["reported_by"] == "key:caller"


@pytest.mark.parametrize(
    ("methods", "shown"),
    [
        (None, None),
        ({Method.KEYS}, None),
        ({Method.NONE}, "none: a gateway in front must authenticate every caller"),
    ],
)
def test_readiness_says_that_a_gateway_must_authenticate(
    container: Container, methods: set[Method] | None, shown: str | None
) -> None:
    """AUTH=none is a choice that the operator sees on every probe."""
    auth = None if methods is None else frozenset(methods)
    settings = container.settings.model_copy(update={"auth": auth})
    other = Container(settings, clock=container.clock)
    try:
        checks = Client(gateway_of(other)).get("/health/readiness").get_json()["checks"]
    finally:
        other.close()

    assert checks.get("authentication") == shown
