import json
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from risksentinel.http.function_app import MAX_BODY, function_app
from risksentinel.http.requests import StrictRequest
from tests.open_routes import OPEN

JSON = "application/json"


def test_a_string_is_not_parsed_a_second_time(client: FlaskClient) -> None:
    """flask-openapi3 parses the content of a JSON string as JSON again."""
    smuggled = json.dumps(json.dumps({"name": "a"}))

    answer = client.post("/orders/", data=smuggled, content_type=JSON)

    assert answer.status_code == 422
    assert answer.get_json(force=True)["detail"] == "must be a JSON object"


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"a"', b"true"])
def test_only_an_object_is_a_document(client: FlaskClient, body: bytes) -> None:
    """Views read the members of an object."""
    answer = client.post("/any", data=body, content_type=JSON)

    assert answer.status_code == 422


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":NaN}'])
def test_silent_does_not_swallow_what_is_no_json(client: FlaskClient, body: bytes) -> None:
    """flask-openapi3 calls get_json with silent=True, and would validate None."""
    answer = client.post("/any", data=body, content_type=JSON)

    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status"),
    [
        ("POST", "/any", "application/json", 200),
        ("POST", "/any", "application/json; charset=utf-8", 200),
        ("POST", "/any", "APPLICATION/JSON;charset=UTF-8", 200),
        ("POST", "/any", "application/json; charset=latin-1", 415),
        ("POST", "/any", "text/plain", 415),
        ("POST", "/any", "application/x-www-form-urlencoded", 415),
        ("POST", "/any", "application/merge-patch+json", 415),
        ("POST", "/any", None, 415),
        ("PATCH", "/orders/018f0000-0000-7000-8000-000000000000", "application/json", 200),
        (
            "PATCH",
            "/orders/018f0000-0000-7000-8000-000000000000",
            "application/merge-patch+json",
            200,
        ),
    ],
)
def test_a_body_must_say_that_it_is_json(
    client: FlaskClient, method: str, path: str, content_type: str | None, status: int
) -> None:
    """A form that a hostile page posts must not be read as a payment."""
    answer = client.open(path, method=method, data=b'{"count":1}', content_type=content_type)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=1&limit=2", "query.limit"),
        ("a=1&b=2&a=3", "query.a"),
        ("x=1%00", "query.x"),
        ("ZA290000000012345678=1&ZA290000000012345678=2", "query.?"),
    ],
)
def test_a_parameter_that_is_given_twice_is_refused(
    client: FlaskClient, query: str, path: str
) -> None:
    """A gateway could check the first value, and the function use the second."""
    answer = client.post(f"/orders/?{query}", json={"name": "a"})

    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.get_json(force=True)["errors"]] == [path]


def test_a_query_in_no_known_encoding_is_refused(client: FlaskClient) -> None:
    """Raw bytes in a URL must not cause an internal error."""
    raw = {"QUERY_STRING": "limit=\xff"}

    answer = client.post("/orders/", json={"name": "a"}, environ_overrides=raw)

    assert answer.status_code == 422


@pytest.mark.parametrize("size", [MAX_BODY + 1, MAX_BODY * 10])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_beyond_the_limit_is_refused_not_cut(
    client: FlaskClient, size: int, *, chunked: bool
) -> None:
    """Werkzeug cuts a chunked body at the limit without an error."""
    environ = EnvironBuilder("/any", method="POST", content_type=JSON).get_environ()
    length = {} if chunked else {"CONTENT_LENGTH": str(size)}
    environ.pop("CONTENT_LENGTH", None)
    body = {"wsgi.input": BytesIO(b" " * size), "wsgi.input_terminated": True}

    answer = client.open({**environ, **length, **body})

    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_a_chunked_body_within_the_limit_is_read(client: FlaskClient) -> None:
    """Some gateways send every body in chunks."""
    environ = EnvironBuilder("/any", method="POST", content_type=JSON).get_environ()
    environ.pop("CONTENT_LENGTH", None)
    body = {"wsgi.input": BytesIO(b'{"a":1}'), "wsgi.input_terminated": True}

    answer = client.open({**environ, **body})

    assert answer.get_json() == {"a": 1}


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")))
def test_only_a_safe_request_id_is_repeated(given_id: str) -> None:
    """The id is written to headers and logs, and must not forge a line in them."""
    request = StrictRequest({"HTTP_X_REQUEST_ID": given_id})

    used = request.request_id

    assert 1 <= len(used) <= 64
    assert used.isascii()
    assert used.replace(".", "").replace("-", "").replace("_", "").isalnum() or used == given_id


@given(st.binary(max_size=200), st.sampled_from(["POST", "PATCH", "PUT"]))
def test_whatever_the_body_the_answer_is_no_internal_error(body: bytes, method: str) -> None:
    """An invalid body is a client error."""
    client = APP.test_client()

    answer = client.open("/any", method=method, data=body, content_type=JSON)

    assert answer.status_code in {200, 400, 422}
    if answer.status_code != 200:
        assert answer.content_type == "application/problem+json"


APP = function_app("noise", access=OPEN)


@APP.route("/any", methods=["POST", "PATCH", "PUT"])
def anything() -> dict[str, object]:
    """Read the body."""
    from flask import request

    return dict(request.get_json())


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_not_supported(client: FlaskClient, coding: str) -> None:
    """A small compressed body can become a large one; plain JSON in its place is a mistake."""
    answer = client.post("/any", json={}, headers={"Content-Encoding": coding})

    assert answer.status_code == 415
    assert client.post("/any", json={}, headers={"Content-Encoding": "identity"}).status_code == 200
