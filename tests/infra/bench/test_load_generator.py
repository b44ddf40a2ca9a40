"""The load generator, against a server that answers in the given parts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import SOCK_STREAM, create_server, socket
from threading import Thread
from time import sleep

import pytest

from infra.bench.load_generator import Order, send

CREATED = b"HTTP/1.1 201 CREATED\r\nContent-Length: 4\r\n\r\nbody"


@contextmanager
def server(*parts: bytes) -> Iterator[int]:
    """Answer each request of each connection with these parts; yields the port."""
    with create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_accept, args=(listener, parts), daemon=True).start()
        yield listener.getsockname()[1]


def _accept(listener: socket, parts: Sequence[bytes]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # the test ended
        Thread(target=_answer, args=(connection, parts), daemon=True).start()


def _answer(connection: socket, parts: Sequence[bytes]) -> None:
    assert connection.type == SOCK_STREAM
    with connection:
        while connection.recv(65_536):
            for part in parts:
                connection.sendall(part)
                sleep(0.001)


def test_each_payment_is_answered_over_connections_to_all_ports() -> None:
    """A run over several processes sends to each of them."""
    with server(CREATED) as one, server(CREATED) as other:
        load = send(Order([one, other], connections=4, seed=1, count=50))

    assert len(load.latencies) == 50
    assert 0 < load.processor < load.seconds + 0.1


def test_an_answer_may_arrive_in_parts() -> None:
    """A server sends the headers and the body of a response in several segments."""
    with server(CREATED[:10], CREATED[10:50], CREATED[50:]) as port:
        load = send(Order([port], connections=2, seed=1, count=10))

    assert len(load.latencies) == 10


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ([b"HTTP/1.1 503 SERVICE UNAVAILABLE\r\nContent-Length: 0\r\n\r\n"], "answered"),
        ([b"HTTP/1.1 201 CREATED\r\n\r\n"], "without a length"),
    ],
)
def test_another_answer_ends_the_run(parts: list[bytes], fault: str) -> None:
    """The rate of refused payments is not a rate of scored payments."""
    with server(*parts) as port, pytest.raises(RuntimeError, match=fault):
        send(Order([port], connections=1, seed=1, count=1))
