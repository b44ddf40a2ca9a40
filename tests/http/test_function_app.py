import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from structlog.contextvars import get_contextvars
from structlog.testing import capture_logs

from risksentinel.http.function_app import FunctionApp, function_app
from tests.logs import as_before

ID = "018f0000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """The log context of another test must not change the captured lines."""
    with as_before():
        yield


def errors_of(client: FlaskClient, path: str, body: object) -> dict[str, str]:
    """The messages of the violations in the response to an order, by path."""
    answer = client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    return {
        violation["path"]: violation["message"]
        for violation in answer.get_json(force=True)["errors"]
    }


def test_every_fault_is_told_at_once_with_its_path(client: FlaskClient) -> None:
    """A client can correct every violation after one attempt."""
    violations = errors_of(
        client, "/orders/", {"kind": "cash", "items": [{"count": 1}, {"count": "x"}], "colour": 1}
    )

    assert violations.keys() == {"name", "kind", "items[1].count", "colour"}
    assert violations["name"] == "is required"
    assert violations["colour"] == "is not a known field"


def test_a_fault_of_the_query_or_the_path_says_so(client: FlaskClient) -> None:
    """A member of the body and a parameter of the query can have the same name."""
    in_query = errors_of(client, "/orders/?limit=many", {"name": "a"})
    in_path = client.get("/orders/ZA290000000012345678").get_json(force=True)["errors"]

    assert in_query.keys() == {"query.limit"}
    assert in_path == [{"path": "path.transaction_id", "message": "must be a UUID"}]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "bad ZA290000000012345678"},
        {"name": "a", "reference": "ZA290000000012345678"},
        {"name": "a", "kind": "ZA290000000012345678"},
        {"name": "a", "amount": "ZA290000000012345678"},
        {"name": "a", "ZA290000000012345678": 1},
        {"name": ["ZA290000000012345678"]},
    ],
)
def test_a_refusal_repeats_no_value(client: FlaskClient, body: object) -> None:
    """Some messages of pydantic and of validators quote the refused value."""
    answer = client.post("/orders/", json=body)

    assert answer.status_code == 422
    assert "ZA29" not in answer.text


@pytest.mark.parametrize("path", ["/orders", "/orders/"])
def test_a_path_works_with_and_without_its_last_slash(client: FlaskClient, path: str) -> None:
    """After a redirect some clients send the payment as GET."""
    answer = client.post(path, json={"name": "a"})

    assert answer.status_code == 201


def test_an_answer_holds_exact_decimals(client: FlaskClient) -> None:
    """An amount must not be serialized as a float."""
    answer = client.post("/orders/", json={"name": "a", "amount": "9999999999999999.90"})

    assert b'"amount":9999999999999999.90' in answer.data


def test_answers_are_not_cached_nor_sniffed(client: FlaskClient) -> None:
    """A cache must not store a payment of a client."""
    for path in ("/health/liveness", "/nowhere", f"/orders/{ID}"):
        answer = client.get(path)

        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_answer_without_content_has_no_content_type(client: FlaskClient) -> None:
    """An event source treats a 2xx with a content type as a reply event."""
    answer = client.delete(f"/orders/{ID}")

    assert answer.status_code == 204
    assert "Content-Type" not in answer.headers


def test_a_request_is_one_line_without_its_raw_path(client: FlaskClient) -> None:
    """A path can contain an account number; its template cannot."""
    with capture_logs() as logs:
        client.get(f"/orders/{ID}", headers={"X-Request-Id": "r-1"})

    assert len(logs) == 1
    assert logs[0]["event"] == "request"
    assert logs[0]["route"] == "/orders/<transaction_id>"
    assert logs[0]["transaction_id"] == ID
    assert (logs[0]["function"], logs[0]["method"], logs[0]["status"]) == ("sample", "GET", 200)
    assert logs[0]["duration_ms"] >= 0


def test_a_request_leaves_nothing_for_the_next_ones_logs(client: FlaskClient) -> None:
    """A thread serves many requests; each request has its own id."""
    client.get("/health/liveness")

    assert get_contextvars() == {}


def test_probes_are_logged_for_debugging_only(client: FlaskClient) -> None:
    """Probes every second would fill the log."""
    with capture_logs() as logs:
        client.get("/health/liveness")

    assert [line["log_level"] for line in logs] == ["debug"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("abc-1.2_3", True), ("a" * 65, False), ("a b", False), ('"', False), ("", False)],
)
def test_a_safe_request_id_comes_back(client: FlaskClient, sent: str, *, kept: bool) -> None:
    """The id of the client continues in the logs, unless it would forge a log line."""
    answer = client.get("/health/liveness", headers={"X-Request-Id": sent})

    assert (answer.headers["X-Request-Id"] == sent) is kept
    assert re.fullmatch(r"[\w.-]{1,64}", answer.headers["X-Request-Id"])


def test_a_path_with_nul_is_not_found(client: FlaskClient) -> None:
    """PostgreSQL refuses NUL in text."""
    assert client.get("/orders/%00").status_code == 404


def test_several_apps_live_in_one_process() -> None:
    """The embedded engine runs all five functions behind one port."""
    answers = [function_app(name).test_client().get("/metrics") for name in ("one", "two", "one")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]


def operations(document: dict[str, dict[str, dict[str, object]]]) -> Iterator[dict[str, object]]:
    """Every operation of an OpenAPI document."""
    for path in document["paths"].values():
        yield from path.values()  # type: ignore[misc]  # an operation is an object


def test_the_document_describes_problems(app: FunctionApp) -> None:
    """A generated client must be able to read the errors."""
    document = app.api_doc

    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"] == "RiskSentinel"
    assert "ProblemDocument" in document["components"]["schemas"]
    for operation in operations(document):
        assert "application/problem+json" in json.dumps(operation)
        assert "ValidationErrorModel" not in json.dumps(operation)
