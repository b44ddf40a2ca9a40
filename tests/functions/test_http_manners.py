import pytest
from werkzeug.test import Client

from tests.functions.caller import ALERTS, PAYMENT, RULES, TRANSACTIONS, said

LISTS = (TRANSACTIONS, ALERTS, RULES)
READ = (*LISTS, "/api/v1/dashboard/summary", "/api/v1/dashboard/risk-trend", "/docs", "/health/")


@pytest.mark.parametrize("path", READ)
def test_head_says_what_get_would(api: Client, path: str) -> None:
    """Monitoring tools send HEAD."""
    head, got = api.head(path), api.get(path)

    assert (head.status_code, head.content_type) == (got.status_code, got.content_type)
    assert head.data == b""


@pytest.mark.parametrize("path", READ)
def test_options_names_the_methods(api: Client, path: str) -> None:
    """A client reads the allowed methods from OPTIONS."""
    answer = api.options(path)

    assert answer.status_code == 200
    assert {"GET", "HEAD", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (f"{RULES}vocabulary", {"GET"}),
        (f"{RULES}vocabulary/", {"GET"}),
        (f"{RULES}r-1", {"GET", "PUT", "PATCH", "DELETE"}),
        (f"{TRANSACTIONS}batch", {"POST"}),
    ],
)
def test_options_names_no_method_of_another_path(api: Client, path: str, methods: set[str]) -> None:
    """A fixed path also matches the route of an id, but does not have its methods."""
    allowed = set(api.options(path).headers["Allow"].split(", "))

    assert allowed - {"HEAD", "OPTIONS"} == methods


@pytest.mark.parametrize("path", [*LISTS, f"{ALERTS}x", f"{RULES}vocabulary", "/health/"])
def test_the_last_slash_makes_no_difference(api: Client, path: str) -> None:
    """Both forms of a path are served: a redirect loses the body of a POST."""
    with_it, without = api.get(path.rstrip("/") + "/"), api.get(path.rstrip("/"))

    assert with_it.status_code == without.status_code != 308


@pytest.mark.parametrize("path", ["/api/v1/transaction/", "/api/v2/rules/", "/api/v1/rules/a/b"])
def test_an_unknown_path_is_a_problem(api: Client, path: str) -> None:
    """An unknown path gets a problem document too."""
    answer = api.get(path)

    assert said(answer, 404)["type"] == "about:blank"
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", TRANSACTIONS),
        ("PUT", f"{TRANSACTIONS}p-1"),
        ("GET", f"{RULES}vocabulary/x"),
        ("POST", ALERTS),
        ("PATCH", RULES),
        ("POST", "/api/v1/dashboard/summary"),
    ],
)
def test_a_wrong_method_is_a_problem(api: Client, method: str, path: str) -> None:
    """A 405 lists the allowed methods."""
    answer = api.open(path, method=method, json={})

    assert answer.content_type == "application/problem+json"
    if answer.status_code != 404:
        assert answer.status_code == 405
        assert answer.headers["Allow"]


def test_the_health_of_the_whole_is_public(api: Client) -> None:
    """A gateway may route /api/v1 only, so the health is served there too."""
    inside, public = api.get("/health/"), api.get("/api/v1/health/")

    assert said(public) == said(inside)
    assert said(public)["status"] == "ok"
    assert said(api.get("/api/v1/health/liveness")) == {"status": "ok"}
    assert said(api.get("/api/v1/health/readiness"))["checks"].keys() == {
        "database",
        "ledger",
        "rules",
    }


def test_an_answer_belongs_to_its_caller(api: Client) -> None:
    """A cache must not store the payment of a customer."""
    answer = api.post(TRANSACTIONS, json=PAYMENT, headers={"X-Request-Id": "call-7"})

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"] == "call-7"
