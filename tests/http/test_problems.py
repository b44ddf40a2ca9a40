import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from risksentinel.errors import Malformed, Violation
from risksentinel.http.problems import MAX_VIOLATIONS, problem_of


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("malformed", 422),
        ("not-found", 404),
        ("conflict", 409),
        ("stale", 412),
        ("in-progress", 409),
        ("unavailable", 503),
        ("not-acceptable", 406),
        ("misconfigured", 500),
        ("bug", 500),
    ],
)
def test_every_error_has_its_status_and_is_a_problem(
    client: FlaskClient, kind: str, status: int
) -> None:
    """A client handles errors by status and reads one format for all of them."""
    answer = client.get(f"/raise/{kind}")

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json(force=True)
    assert problem["status"] == status
    assert problem["instance"].endswith(answer.headers["X-Request-Id"])
    assert "ZA29" not in answer.text


@pytest.mark.parametrize("kind", ["unavailable", "in-progress"])
def test_what_may_work_later_says_when(client: FlaskClient, kind: str) -> None:
    """Clients that retry at once make an outage worse."""
    answer = client.get(f"/raise/{kind}")

    assert answer.headers["Retry-After"] == "1"


@pytest.mark.parametrize("kind", ["bug", "misconfigured"])
def test_a_bug_is_logged_and_says_nothing_of_the_inside(client: FlaskClient, kind: str) -> None:
    """The client gets the id under which the traceback is logged, not the traceback."""
    with capture_logs() as logs:
        answer = client.get(f"/raise/{kind}")

    assert "SECRET" not in answer.text.upper()
    assert [line for line in logs if line["event"] == "request.failed" and line["exc_info"]]


def test_why_a_part_is_away_is_for_the_log_alone(client: FlaskClient) -> None:
    """The response names the unavailable part; the log has the cause for the operator."""
    with capture_logs() as logs:
        answer = client.get("/raise/unavailable")

    assert answer.get_json(force=True)["detail"] == "database does not answer"
    assert "database does not answer: ConnectionError" in [line.get("reason") for line in logs]


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    """HTTP requires Allow with 405."""
    for path in ("/orders", "/orders/"):
        answer = client.delete(path)

        assert answer.status_code == 405
        assert "POST" in answer.headers["Allow"]
        assert answer.content_type == "application/problem+json"


def test_an_unknown_path_is_not_repeated(client: FlaskClient) -> None:
    """A path can contain an account number."""
    answer = client.get("/accounts/ZA290000000012345678")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert "ZA29" not in answer.text


def test_the_list_of_violations_is_limited() -> None:
    """The response to a large invalid body must not be larger than the body."""
    violations = [Violation(f"[{number}]", "is wrong") for number in range(10_000)]

    members = problem_of(Malformed(violations)).members("1")

    assert len(members["errors"]) == MAX_VIOLATIONS
    assert "10000 violations" in members["detail"]
