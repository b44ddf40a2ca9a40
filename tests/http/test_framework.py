import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient

from risksentinel.http.function_app import MAX_BODY
from risksentinel.http.requests import MAX_DISCARDED

SOURCE = """
import functions_framework
from risksentinel.http.framework import serve
from risksentinel.http.function_app import function_app
from tests.open_routes import OPEN

app = function_app("tiny", access=OPEN)

@app.post("/echo")
def echo():
    from flask import request
    return request.get_json()

@app.delete("/echo")
def nothing():
    return "", 204

tiny = functions_framework.http(serve(app))
"""
WSGI = "import functions_framework\napp = functions_framework.create_app('tiny', 'main.py')\n"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A function's source, as the framework loads it."""
    (tmp_path / "main.py").write_text(SOURCE)
    (tmp_path / "served.py").write_text(WSGI)
    return tmp_path


@pytest.fixture
def framed(folder: Path) -> FlaskClient:
    """The function behind the framework, in this process."""
    app = functions_framework.create_app("tiny", str(folder / "main.py"))  # type: ignore[no-untyped-call]  # has no types
    client: FlaskClient = app.test_client()
    return client


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """The function behind gunicorn, in a separate process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "2"]
    options = ["-b", f"127.0.0.1:{number}", "--no-control-socket", "served:app"]
    path = os.pathsep.join([str(ROOT / "shared"), str(folder)])
    environment = {"PATH": os.defpath, "PYTHONPATH": path}
    with subprocess.Popen([*command, *options], cwd=folder, env=environment) as server:  # noqa: S603  # our own command
        _wait_for(number)
        yield number
        server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/liveness", 200),
        ("HEAD", "/health/liveness", 200),
        ("DELETE", "/echo", 204),
        ("PUT", "/echo", 405),
        ("GET", "/", 404),
        ("OPTIONS", "/echo", 200),
        ("POST", "/echo", 415),
    ],
)
def test_the_framework_passes_answers_on_as_they_are(
    framed: FlaskClient, method: str, path: str, status: int
) -> None:
    """The framework must not change the response of the app."""
    answer = framed.open(path, method=method)

    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if status >= 400:
        assert answer.content_type == "application/problem+json"


def test_an_answer_without_content_gets_no_content_type(framed: FlaskClient) -> None:
    """An event source treats a 2xx with a content type as a reply event."""
    answer = framed.delete("/echo")

    assert "Content-Type" not in answer.headers
    assert answer.data == b""


def test_a_head_keeps_the_headers_of_the_get(framed: FlaskClient) -> None:
    """Monitoring tools send HEAD."""
    answer = framed.head("/health/liveness")

    assert answer.data == b""
    assert answer.headers["Content-Length"] == str(len('{"status":"ok"}'))


def test_a_body_without_end_is_left_unread(framed: FlaskClient) -> None:
    """Without this the framework reads a body of any size into memory after the response."""

    class Endless:
        given = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0, "asked for all of it"
            Endless.given += size
            return b" " * size

    environ = {"wsgi.input": Endless(), "wsgi.input_terminated": True}

    answer = framed.post("/echo", environ_overrides=environ, content_type="application/json")

    assert answer.status_code == 413
    assert Endless.given <= MAX_BODY + MAX_DISCARDED + 64 * 1024


def test_gunicorn_answers_chunked_bodies_and_refuses_large_ones(port: int) -> None:
    """A test client and a real server differ in how they send bodies."""
    headers = {"Content-Type": "application/json"}
    small = json.dumps({"a": 1}).encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    connection.request("POST", "/echo", iter([small[:3], small[3:]]), headers, encode_chunked=True)
    read = connection.getresponse()
    echoed = json.loads(read.read())
    connection.request(
        "POST", "/echo", (b" " * 10_000 for _ in range(1000)), headers, encode_chunked=True
    )
    refused = connection.getresponse()
    problem = json.loads(refused.read())
    connection.close()

    assert (read.status, echoed) == (200, {"a": 1})
    assert (refused.status, problem["status"]) == (413, 413)
    assert refused.headers["Content-Type"] == "application/problem+json"
