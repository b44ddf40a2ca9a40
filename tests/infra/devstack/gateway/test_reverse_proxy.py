import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Request, Response

from infra.devstack.gateway.reverse_proxy import reverse_proxy
from infra.devstack.gateway.server import addresses_of
from infra.devstack.servers.ports import free_port
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS
from risksentinel.errors import Misconfigured
from risksentinel.http.function_app import MAX_BODY


def test_request_and_response_are_forwarded_unchanged() -> None:
    """Functions and callers need each other's headers unchanged."""
    sent = {
        "X-Request-Id": "r-1",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "Prefer": "respond-async",
        "If-Match": '"7"',
        "Content-Type": "application/json",
    }

    with _function() as address:
        answer = _caller(address).put("/api/v1/rules/ä%2Bb?x=1&y=%20z", headers=sent, data=b"{}")

    seen = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"8"'
    assert {name: seen["headers"].get(name.title()) for name in sent} == sent
    assert seen["method"] == "PUT"
    assert seen["path"] == "/api/v1/rules/ä+b"
    assert seen["query"] == "x=1&y=%20z"
    assert seen["length"] == 2


def test_the_headers_of_a_session_are_forwarded() -> None:
    """A sign-in sets one cookie and deletes another; a change is checked by its sender."""
    sent = {"Cookie": "a=1; b=2", "Origin": "https://risk.example", "Sec-Fetch-Site": "same-origin"}

    with _function() as address:
        answer = Client(reverse_proxy("ingest", address, connections=2), use_cookies=False).get(
            "/", headers=sent
        )

    seen = answer.get_json()["headers"]
    assert {name: seen.get(name) for name in sent} == sent
    assert [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")] == [
        "first",
        "second",
    ]


def test_hop_by_hop_headers_are_not_forwarded() -> None:
    """Hop-by-hop headers are not forwarded."""
    sent = {"Connection": "close, X-Mine", "X-Mine": "1", "TE": "trailers", "Upgrade": "h2c"}

    with _function() as address:
        answer = _caller(address).get("/", headers=sent)

    names = {name.lower() for name in answer.get_json()["headers"]}
    assert names <= {"host", "connection"}
    assert "Server" not in answer.headers
    assert "Connection" not in answer.headers


def test_the_function_rejects_a_body_that_is_too_long() -> None:
    """The function rejects a large body with a problem; one additional byte is enough for that."""
    with _function() as address:
        answer = _caller(address).post("/", data=b"x" * (MAX_BODY + 100_000))

    assert answer.get_json()["length"] == MAX_BODY + 1


def test_an_unavailable_function_gives_503_with_retry_after() -> None:
    """The response is 503 with Retry-After, on which callers retry."""
    answer = _caller(f"http://127.0.0.1:{free_port()}").get("/", headers={"X-Request-Id": "r-2"})

    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "1"
    assert answer.get_json()["detail"] == "ingest does not answer"
    assert answer.get_json()["instance"].endswith("r-2")


def test_a_request_waits_for_a_restarting_function() -> None:
    """A request that was not sent waits for a restarting function."""
    port = free_port()
    answers: list[TestResponse] = []
    caller = _caller(f"http://127.0.0.1:{port}")
    calling = Thread(target=lambda: answers.append(caller.post("/", data=b"1")))

    calling.start()
    time.sleep(0.3)
    with _function(port):
        calling.join()

    assert answers[0].status_code == 201


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_connection_serves_more_than_one_request(method: str) -> None:
    """A response without a body leaves no unread bytes on the connection."""
    with _function() as address:
        caller = _caller(address)
        statuses = [caller.open("/", method=method).status_code for _ in range(3)]

    assert statuses == [201, 201, 201]


def test_every_missing_address_is_named() -> None:
    """The error names all missing addresses at once."""
    with pytest.raises(Misconfigured, match="ALERT_DISPATCH_URL, RULES_CRUD_URL, DASHBOARD_URL"):
        addresses_of({"INGEST_URL": "http://127.0.0.1:1"})

    assert len(PUBLIC_FUNCTIONS) == 4


def _caller(address: str) -> Client:
    return Client(reverse_proxy("ingest", address, connections=2))


class _KeepingAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"


@contextmanager
def _function(port: int | None = None) -> Iterator[str]:
    port = port or free_port()
    server = make_server("127.0.0.1", port, _echo, threaded=True, request_handler=_KeepingAlive)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@Request.application
def _echo(request: Request) -> Response:
    seen: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode(),
        "headers": dict(request.headers),
        "length": len(request.get_data()),
    }
    response = Response(json.dumps(seen), 201, {"ETag": '"8"', "Server": "echo"})
    response.mimetype = "application/json"
    for name in ("first", "second"):
        response.set_cookie(name, "1", httponly=True)
    return response
