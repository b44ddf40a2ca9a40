"""Checks that each route of the API is answered by the function in the gateway's routes."""

import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.payments import payment
from infra.cluster_tests.routes import function_of, routes_of
from risksentinel.server.direct_responses import LIVENESS

DOCUMENT: Final = Path("functions/dashboard/openapi.json")
PAGES: Final = ("/", "/docs", "/redoc", "/openapi.json", "/api/v1/openapi.json")
_METHODS: Final = ("post", "get", "put", "patch", "delete")  # a rule is deleted last
_LIST, _LISTED = "paths", "ACC-PATHS"
_LARGE: Final = "75000.00"  # with a new beneficiary it raises an alert
Bodies = Mapping[str, Callable[[], object]]


def check(bench: Bench) -> Iterator[CheckResult]:
    """Send each operation of the OpenAPI document to its function and to every other one."""
    routes = routes_of(bench.deployment.objects)
    yield _hosts(bench, routes)
    document = json.loads(DOCUMENT.read_text())
    ids = _ids(bench, document)
    wrong, asked = [], 0
    for method, path, operation in operations(document):
        body = body_of(method, path, operation)
        target = path.format(**ids)
        owner = function_of(target, routes)
        asked += 1
        for other in NAMES:
            if other == owner or path.startswith("/health") or path in LIVENESS:
                continue
            status = bench.ingress.call(other, method, target, body, _media(body)).status
            if status != HTTPStatus.NOT_FOUND:
                wrong.append(f"{method} {path}: {other} answers {status}")
        answer = bench.ingress.call(owner, method, target, body, _media(body))
        if not (answer.ok or _refuses_the_object(path, answer)):
            wrong.append(f"{method} {path}: {owner} answers {answer.status} {answer.body[:200]!r}")
    yield CheckResult(
        "each route of the API is answered by its function, and by no other",
        passed=not wrong,
        measured="; ".join(wrong) or f"{asked} operations of openapi.json",
    )
    pages = {page: bench.ingress.call(function_of(page, routes), "GET", page) for page in PAGES}
    failed = [page for page, each in pages.items() if each.status >= HTTPStatus.BAD_REQUEST]
    yield CheckResult(
        "the pages come from the dashboard", passed=not failed, measured=" ".join(failed or PAGES)
    )


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield method, path and definition of every operation of an OpenAPI document."""
    for method in _METHODS:
        paths = document["paths"].items()
        # An entry is deleted before its list.
        for path, item in reversed(paths) if method == "delete" else paths:
            if method in item:
                yield method.upper(), path, item[method]


def body_of(method: str, path: str, operation: Mapping[str, Any]) -> object:
    """Return a valid body: the document's example, or one from `_BODIES`.

    Raises:
        LookupError: the operation needs a body that `_BODIES` does not have; add it.
    """
    if "requestBody" not in operation:
        return None
    (content,) = operation["requestBody"]["content"].values()
    for example in content.get("examples", {}).values():
        if isinstance(example["value"], str):
            return example["value"].encode()
        # The default rule with the example's name exists already.
        found = dict(example["value"])
        return {**found, "name": f"{method} {path}"} if "name" in found else found
    return _BODIES[f"{method} {path}"]()


_BODIES: Final[Bodies] = {
    "POST /api/v1/transactions": lambda: payment("paths", 1),
    "POST /api/v1/transactions/batch": lambda: {"transactions": [payment("paths", 2)]},
    "POST /api/v1/transactions/{transaction_id}/label": lambda: {
        "label": "fraud",
        "source": "chargeback",
    },
    "PATCH /api/v1/alerts/{alert_id}": lambda: {"status": "acknowledged"},
    "POST /api/v1/lists": lambda: {"name": "paths-made"},
    "POST /api/v1/lists/{name}/entries": lambda: {"value": _LISTED},
    "PUT /api/v1/lists/{name}/entries/{value}": lambda: {"reason": "it is listed"},
    "POST /api/v1/policies": dict,
    "PUT /api/v1/policies/{number}": lambda: {"contents": {}},
    "POST /api/v1/policies/rollback": lambda: {"reason": "it declines too much"},
    "POST /api/v1/proposals/{proposal_id}/approve": dict,
    "POST /api/v1/proposals/{proposal_id}/refuse": lambda: {"reason": "it is refused"},
    "POST /api/v1/proposals/{proposal_id}/withdraw": dict,
    "POST /api/v1/rules/try": lambda: {
        "rule": {
            "name": "large",
            "condition": {"field": "amount_zar", "operator": "gt", "value": "1.00"},
            "weight": 0.5,
            "severity": "low",
        }
    },
    "POST /api/v1/rules/{rule_id}/stop": lambda: {"reason": "it declines too much"},
    "PATCH /api/v1/reports/{report_id}": lambda: {"status": "filed", "reference": "FIC-1"},
}


def _hosts(bench: Bench, routes: Mapping[str, str]) -> CheckResult:
    """Check that the host names in the routes are those of the Knative Services."""
    addresses = {name: bench.deployment.service(name)["status"]["address"]["url"] for name in NAMES}
    wrong = [
        f"{function} is at {addresses[function]}"
        for function in routes.values()
        if not addresses[function].startswith(f"http://{function}.")
    ]
    return CheckResult(
        "the gateway's routes use Knative's host names",
        passed=not wrong,
        measured="; ".join(wrong or routes),
    )


def _ids(bench: Bench, document: Mapping[str, Any]) -> Mapping[str, str]:
    """Create a payment with alert and report, a rule and a list, and return their ids."""
    abroad = {**payment("paths", 0, _LARGE), "receiver_country": "GB"}
    paid = bench.ingress.pay(abroad).json
    reports = f"/api/v1/reports/?transaction_id={paid['id']}"
    (report,) = bench.ingress.call("alert-dispatch", "GET", reports).json["items"]
    operation = document["paths"]["/api/v1/rules"]["post"]
    rule = {**dict(body_of("POST", "", operation)), "name": "may be changed"}  # type: ignore[call-overload]  # it is an object
    made = bench.ingress.call("rules-crud", "POST", "/api/v1/rules/", rule).json
    bench.ingress.call("rules-crud", "POST", "/api/v1/lists/", {"name": _LIST})
    return {
        "transaction_id": paid["id"],
        "alert_id": paid["alert_id"],
        "report_id": report["id"],
        "rule_id": made["id"],
        "name": _LIST,
        "value": _LISTED,
        "proposal_id": "unknown",
        "entry_id": "1",
        "number": "1",
    }


def _refuses_the_object(path: str, answer: IngressResponse) -> bool:
    """Return whether the function has the route, and says why this object cannot be changed so.

    No proposal and no draft is made here, and entries of the ledger are not numbered.
    """
    if not any(f"{{{name}}}" in path for name in ("proposal_id", "number", "entry_id")):
        return False
    known = answer.status in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    return known or b"urn:risksentinel:problem:not-found" in answer.body


def _media(body: object) -> Mapping[str, str] | None:
    return {"Content-Type": "text/csv"} if isinstance(body, bytes) else None
