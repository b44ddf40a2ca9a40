"""Attacks on a running engine: injection into SQL and logs, and compressed bombs."""

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote

import pytest

from functions.dashboard.documentation import DOCUMENT
from tests.flow.engine_process import EngineProcess, serving, wait_until
from tests.functions.caller import LARGE, PAYMENT, RULE, RULES, TRANSACTIONS

DOCUMENTED: Final[dict[str, dict[str, Any]]] = json.loads(DOCUMENT.read_text())["paths"]
SQL: Final = (
    "' OR '1'='1",
    "x'; DROP TABLE transactions; --",
    "x' UNION SELECT id, actor, details FROM audit_log --",
    "1 OR 1=1",
    '" OR ""="',
    "\\'; DELETE FROM audit_log; --",
    "%' OR id LIKE '%",
)
PLACES: Final = [
    (path, place["in"], place["name"])
    for path, operations in DOCUMENTED.items()
    if "get" in operations
    for place in operations["get"].get("parameters", [])
]
FORGED: Final = '{"event":"forged","level":"info"}'
BOMB: Final = gzip.compress(bytes(50_000_000))
MAX_GROWTH: Final = 16 * 1024 * 1024


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """An engine with a payment, an alert and a rule."""
    with serving(tmp_path_factory.mktemp("attacked") / "home") as running:
        assert running.call("POST", TRANSACTIONS, {**LARGE, "id": "p-1"}).status == 201
        assert running.call("POST", RULES, RULE).status == 201
        yield running


def _stored(engine: EngineProcess) -> list[object]:
    places = (TRANSACTIONS, "/api/v1/alerts/", RULES)
    return [engine.call("GET", place).body["items"] for place in places]


@pytest.mark.parametrize(("path", "place", "name"), PLACES, ids=str)
def test_sql_in_any_parameter_selects_and_changes_nothing(
    engine: EngineProcess, path: str, place: str, name: str
) -> None:
    """Each parameter of each route that reads: a value is never a part of a statement."""
    before = _stored(engine)

    for text in SQL:
        escaped = quote(text, safe="")
        filled = "/".join(
            (escaped if part == f"{{{name}}}" else "p-1") if part.startswith("{") else part
            for part in path.split("/")
        )
        asked = f"{filled}?{name}={escaped}" if place == "query" else filled
        answer = engine.call("GET", asked)
        assert answer.status in {200, 400, 404, 422}, (asked, answer.body)
        if answer.status == 200:
            assert answer.body["items"] == [], asked

    assert _stored(engine) == before


def test_sql_in_a_payment_is_stored_as_text(engine: EngineProcess) -> None:
    """Or refused: an id has a fixed form."""
    for number, text in enumerate(SQL):
        payment = {**PAYMENT, "id": f"sql-{number}", "sender_id": text, "description": text}
        answer = engine.call("POST", TRANSACTIONS, payment)
        assert answer.status in {201, 422}
        if answer.status == 201:
            stored = engine.call("GET", f"{TRANSACTIONS}sql-{number}").body
            assert stored["sender_id"] == text


def test_a_compressed_bomb_is_never_unpacked(engine: EngineProcess) -> None:
    """50 kB would become 50 MB: refused by its header, in constant memory."""
    before, began = _memory(engine), perf_counter()

    for _ in range(5):
        headers = {"Content-Encoding": "gzip"}
        assert engine.call("POST", TRANSACTIONS, BOMB, headers).status == 415
        assert engine.call("POST", f"{TRANSACTIONS}batch", BOMB, headers).status == 415
        assert engine.call("POST", TRANSACTIONS, BOMB).status == 400  # without the header

    assert perf_counter() - began < 10
    assert _memory(engine) - before < MAX_GROWTH


@pytest.mark.parametrize(
    "request_bytes",
    [
        f"GET /api/v1/transactions/a%0a{quote(FORGED)} HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        f"GET /%0d%0a{quote(FORGED)}%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        f"GET /api/v1/alerts?limit=%0a{quote(FORGED)} HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: r\x0b{FORGED}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \u2028{FORGED}\x85{FORGED}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nHost: a\r\ntraceparent: 00-\u2029{FORGED}\r\n\r\n".encode(),
        b"\n" + FORGED.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\x1b[2K\x1b[1A HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
    ids=str,
)
def test_no_request_writes_a_line_of_the_log(engine: EngineProcess, request_bytes: bytes) -> None:
    """A forged line would hide an attack, or accuse another caller; an escape rules a terminal."""
    with socket.create_connection(("127.0.0.1", engine.port), 10) as connection:
        connection.sendall(request_bytes)
        connection.recv(100)
    engine.call("GET", f"{TRANSACTIONS}after-the-attack")
    wait_until(lambda: "GET" in engine.log.read_text(), "the log of the request")

    lines = engine.log.read_bytes().split(b"\n")
    events = [json.loads(line)["event"] for line in lines if line.startswith(b"{")]
    assert "forged" not in events
    assert events
    assert b"\x1b" not in b"".join(line for line in lines if line.startswith(b"{"))
    text = engine.log.read_text(encoding="utf-8")
    assert not [line for line in text.splitlines() if line.startswith(FORGED)]


def _memory(engine: EngineProcess) -> int:
    """The resident bytes of the process."""
    status = Path(f"/proc/{engine.process.pid}/status").read_text()
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(kib) * 1024
