import json
from pathlib import Path

import pytest

from infra.cluster_tests.checks.paths import body_of, operations
from infra.cluster_tests.overlay import built_of
from infra.cluster_tests.routes import function_of, routes_of

ROOT = Path(__file__).parents[3]
DOCUMENT = json.loads((ROOT / "functions" / "dashboard" / "openapi.json").read_text())
ROUTES = routes_of(built_of(ROOT / "knative" / "base"))


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/api/v1/transactions", "ingest"),
        ("/api/v1/transactions/", "ingest"),
        ("/api/v1/transactions/a/score", "ingest"),
        ("/api/v1/transactionsandmore", "dashboard"),
        ("/api/v1/alerts/", "alert-dispatch"),
        ("/api/v1/reports/r-1", "alert-dispatch"),
        ("/api/v1/rules/vocabulary", "rules-crud"),
        ("/api/v1/lists/mule/entries", "rules-crud"),
        ("/api/v1/openapi.json", "dashboard"),
        ("/", "dashboard"),
    ],
)
def test_a_path_belongs_to_the_longest_prefix_of_whole_segments(path: str, function: str) -> None:
    """The rule is the Gateway API's, so the check tests the same routes."""
    assert function_of(path, ROUTES) == function


@pytest.mark.parametrize("operation", list(operations(DOCUMENT)), ids=lambda each: each[1])
def test_every_operation_with_a_body_has_one(
    operation: tuple[str, str, dict[str, object]],
) -> None:
    """A new operation without a body fails here, before the cluster test."""
    method, path, rest = operation

    assert (body_of(method, path, rest) is None) == ("requestBody" not in rest)


def test_a_rule_is_deleted_last() -> None:
    """A deleted rule answers 404, as a missing route does."""
    methods = [method for method, _, _ in operations(DOCUMENT)]

    assert methods == sorted(methods, key=["POST", "GET", "PUT", "PATCH", "DELETE"].index)
