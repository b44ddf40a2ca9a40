import socket
from collections.abc import Sequence
from dataclasses import replace
from threading import Event
from time import monotonic

import pytest

from risksentinel.adapters.http.guarded import GuardedHttp, Target
from risksentinel.errors import Rejected, Retryable
from tests.adapters.channels.receiver import Receiver
from tests.timing import assert_within, in_time

HERE = GuardedHttp(allow_private=True)
QUICK = GuardedHttp(allow_private=True, connect_seconds=0.1, total_seconds=0.1)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0",
        "169.254.169.254",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[fe80::1]",
    ],
)
def test_no_way_of_writing_an_internal_address_gets_through(host: str, receiver: Receiver) -> None:
    """The resolver reads every notation, so its addresses are checked."""
    with pytest.raises(Rejected, match="is not a public address"):
        GuardedHttp().post(f"https://{host}:{receiver.port}/", b"", {})

    assert receiver.requests == []


@pytest.mark.parametrize(
    "addresses", [["9.9.9.9", "127.0.0.1"], ["127.0.0.1", "9.9.9.9"], ["2620:fe::fe", "fd00::1"]]
)
def test_one_internal_address_among_public_ones_is_enough(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next attempt might take the other one."""
    dialled: list[object] = []
    monkeypatch.setattr(socket, "create_connection", lambda to, *_: dialled.append(to))

    with pytest.raises(Rejected):
        GuardedHttp(resolve=lambda _host, _port: addresses).post("https://a.example/", b"", {})

    assert dialled == []


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a.example/", "must start with https://"),
        ("ftp://a.example/", "is not a web address"),
        ("file:///etc/passwd", "is not a web address"),
        ("a.example", "is not a web address"),
        ("", "is not a web address"),
        ("https://", "is not a web address"),
        ("https://[::1/", "is not a web address"),
        ("https://a.example:0/", "is not a web address"),
        ("https://a.example:65536/", "is not a web address"),
        ("https://a..example/", "is not a web address"),
        ("https://a.example/\r\nHost: b.example", "is not a web address"),
        ("https://a.example/ b", "is not a web address"),
        ("https://ä.example/", "is not a web address"),
        ("https://me:hush@a.example/", "must not carry a user name or password"),
        ("https://a.example\\@b.example/", "must not carry a user name or password"),
    ],
)
def test_an_address_that_is_none_is_refused_before_it_is_resolved(url: str, why: str) -> None:
    """What two programs read differently is a way around the guard."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["9.9.9.9"]

    with pytest.raises(Rejected) as caught:
        GuardedHttp(resolve=resolve).post(url, b"", {})

    assert (str(caught.value), asked) == (why, [])


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://A.example", "a.example"),
        ("https://a.example:443/x", "a.example"),
        ("http://a.example:443/x", "a.example:443"),
        ("https://[2620:fe::fe]:8443/x", "[2620:fe::fe]:8443"),
    ],
)
def test_the_host_header_names_the_port_where_it_is_not_the_usual_one(url: str, name: str) -> None:
    """Receivers route by the header, and compare it as text."""
    assert Target.parse(url, plain=True).name == name


def test_the_request_carries_path_query_headers_and_body(receiver: Receiver) -> None:
    """The receiver's secret is often a part of the path or the query."""
    status = HERE.post(receiver.url + "#part", b"hello", {"x-one": "1"})

    (request,) = receiver.requests
    assert (status, request.path, request.body) == (200, "/hooks/open-sesame?key=hush", b"hello")
    assert request.headers["x-one"] == "1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_the_environments_proxy_is_not_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve the name again, out of sight."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert HERE.post(receiver.url, b"", {}) == 200


@in_time
@pytest.mark.parametrize(
    "drips", [b"H", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"x" * 1000]
)
def test_one_who_sends_a_byte_now_and_then_is_cut_off(drips: bytes, receiver: Receiver) -> None:
    """A time limit for each read would never end this conversation."""
    receiver.drips = drips
    started = monotonic()

    with pytest.raises(Retryable):
        QUICK.post(receiver.url, b"", {})

    assert_within(monotonic() - started, 1)


@in_time
def test_an_endless_body_does_not_take_the_answer_back(receiver: Receiver) -> None:
    """The status already accepted the alert; the body is not read."""
    receiver.drips = b"HTTP/1.1 202 Accepted\r\nContent-Length: 100000\r\n\r\n"
    started = monotonic()

    assert replace(HERE, total_seconds=0.4).post(receiver.url, b"", {}) == 202
    assert_within(monotonic() - started, 2)


def test_an_answer_may_take_longer_than_a_connection(receiver: Receiver) -> None:
    """A receiver is connected quickly, and may need longer to store the alert."""
    receiver.pause = 0.3

    assert replace(HERE, connect_seconds=0.1).post(receiver.url, b"", {}) == 200


@in_time
def test_a_name_server_that_hangs_is_left_behind() -> None:
    """The system's resolver would wait for half a minute."""
    answering = Event()

    def resolve(_host: str, _port: int) -> Sequence[str]:
        answering.wait(5)
        return []

    started = monotonic()

    with pytest.raises(Retryable, match=r"^a\.example did not answer in time$"):
        GuardedHttp(resolve=resolve, connect_seconds=0.1).post("https://a.example/", b"", {})

    answering.set()
    assert_within(monotonic() - started, 2)


def test_a_name_without_an_address_may_have_one_later() -> None:
    """Names come and go with deployments."""

    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror

    with pytest.raises(Retryable, match=r"^a\.example has no address$"):
        GuardedHttp(resolve=resolve).post("https://a.example/", b"", {})


def test_the_next_address_is_tried_where_one_does_not_answer(receiver: Receiver) -> None:
    """A machine without IPv6 resolves names that have IPv6 addresses."""
    both = GuardedHttp(allow_private=True, resolve=lambda _host, _port: ["::1", "127.0.0.1"])

    assert both.post(f"http://a.example:{receiver.port}/", b"", {}) == 200


def test_a_closed_port_says_the_host_and_nothing_else_of_the_address(receiver: Receiver) -> None:
    """The path or the query is often the receiver's secret."""
    address = receiver.url.replace(str(receiver.port), "1")

    with pytest.raises(Retryable) as caught:
        HERE.post(address, b"", {})

    assert str(caught.value) == "127.0.0.1 cannot be reached (ConnectionRefusedError)"
