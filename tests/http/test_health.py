import pytest

from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.http.function_app import function_app
from risksentinel.http.health import Check


def fine() -> None:
    """A check of an available part."""


def away() -> None:
    """A check of an unavailable part."""
    raise Unavailable("database", ConnectionError("postgres://user:secret@db"))


def misset() -> None:
    """A check of a misconfigured part."""
    raise Misconfigured("set DATABASE_URL")


def broken() -> None:
    """A check that raises an unexpected error."""
    raise ZeroDivisionError("secret")


def test_liveness_asks_no_other_part() -> None:
    """A restart does not repair a database, and would interrupt running requests."""
    client = function_app("sample", required={"database": away}).test_client()

    answer = client.get("/health/liveness")

    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (away, "database does not answer"),
        (misset, "set DATABASE_URL"),
        (broken, "the check itself failed"),
    ],
)
def test_without_a_required_part_it_is_unavailable(check: Check, told: str) -> None:
    """The platform must not route payments to an unavailable function."""
    client = function_app(
        "sample", required={"part": check}, optional={"redis": fine}
    ).test_client()

    answer = client.get("/health/readiness")

    assert answer.status_code == 503
    assert answer.get_json() == {
        "status": "unavailable",
        "checks": {"redis": "ok", "part": told},
    }


def test_without_a_helpful_part_it_is_degraded() -> None:
    """Payments are scored without the history, so its failure only degrades the function."""
    client = function_app("sample", required={"db": fine}, optional={"redis": away}).test_client()

    answer = client.get("/health/readiness")

    assert answer.status_code == 200
    assert answer.get_json()["status"] == "degraded"


@pytest.mark.parametrize("path", ["/health", "/health/"])
def test_health_says_who_answers(path: str) -> None:
    """An operator reads the name and version of a running function."""
    client = function_app("score", required={"db": fine}).test_client()

    answer = client.get(path)

    assert answer.status_code == 200
    assert answer.get_json()["name"] == "score"
    assert answer.get_json()["version"]
