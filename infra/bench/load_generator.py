"""A process that sends payments over HTTP, one in each request, over several connections.

The process shares the machine with the servers that it measures, so a request must cost little:
the bytes of all requests are made before the measured section, one thread waits for all sockets,
and of a response only the status and the length are read.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from selectors import EVENT_READ, DefaultSelector
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from time import perf_counter, process_time
from typing import Final

from infra.bench.figures import payments

TIMEOUT_SECONDS: Final = 30
_HEAD: Final = (
    "POST /api/v1/transactions/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n"
)
_CREATED: Final = b"HTTP/1.1 201 "
_LENGTH: Final = b"\r\ncontent-length:"
_END: Final = b"\r\n\r\n"
_AT_ONCE: Final = 65_536  # bytes; larger than any response


@dataclass(frozen=True, slots=True)
class Load:
    """The seconds of each payment, of all together, and the processor seconds of the generator."""

    latencies: Sequence[float]
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Return the payments a second."""
        return len(self.latencies) / self.seconds


@dataclass(frozen=True, slots=True)
class Order:
    """What to send: `count` payments; connection n goes to port n modulo the number of ports."""

    ports: Sequence[int]
    connections: int
    seed: int
    count: int


Send = Callable[[Order], Load]


@contextmanager
def load_generator() -> Iterator[Send]:
    """Start the process; yield a function that sends payments, and returns when all are answered.

    The function raises RuntimeError for an answer other than 201 Created.
    """
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        yield lambda order: process.submit(send, order).result()


def send(order: Order) -> Load:
    """Send payments from this process. Raises RuntimeError for an answer other than 201."""
    requests = list(map(_request, payments(order.count, order.seed)))
    with ExitStack() as opened:
        selector = opened.enter_context(DefaultSelector())
        for number in range(order.connections):
            port = order.ports[number % len(order.ports)]
            connection = create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            connection.settimeout(None)  # with a timeout, Python polls before each call
            opened.enter_context(connection)
            selector.register(connection, EVENT_READ)
        began, processor = perf_counter(), process_time()
        latencies = _exchange(selector, iter(requests))
        return Load(latencies, perf_counter() - began, process_time() - processor)


def _exchange(selector: DefaultSelector, requests: Iterator[bytes]) -> list[float]:
    """Send the next request on each connection that has its answer, until all are answered."""
    sent: dict[socket, float] = {}
    latencies: list[float] = []

    def send_next(connection: socket) -> None:
        request = next(requests, None)
        if request is not None:
            sent[connection] = perf_counter()
            connection.sendall(request)

    for key in list(selector.get_map().values()):
        send_next(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
    while sent:
        ready = selector.select(TIMEOUT_SECONDS)
        if not ready:
            raise TimeoutError(f"{len(sent)} payments were not answered")
        for key, _ in ready:
            connection: socket = key.fileobj  # type: ignore[assignment]  # as above
            _read_answer(connection)
            latencies.append(perf_counter() - sent.pop(connection))
            send_next(connection)
    return latencies


def _request(payment: object) -> bytes:
    body = json.dumps(payment).encode()
    return _HEAD.format(len(body)).encode() + body


def _read_answer(connection: socket) -> None:
    answer = connection.recv(_AT_ONCE)
    while len(answer) < _whole(answer):
        more = connection.recv(_AT_ONCE)
        if not more:
            raise RuntimeError(f"the server closed the connection after {answer!r}")
        answer += more
    if not answer.startswith(_CREATED):
        raise RuntimeError(f"the server answered {answer!r}")


def _whole(answer: bytes) -> int:
    """Return the length of the answer that begins so; one byte more where that is not known yet."""
    head = answer.find(_END)
    if head < 0:
        return len(answer) + 1
    lines = answer[:head].lower()
    at = lines.find(_LENGTH)
    if at < 0:
        raise RuntimeError(f"the server answered without a length: {answer!r}")
    length = lines[at + len(_LENGTH) :].partition(b"\r\n")[0]
    return head + len(_END) + int(length)
