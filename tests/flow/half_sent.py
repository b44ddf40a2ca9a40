"""A request of which the server has the head, and waits for the rest."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, Final, Self

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_PATIENCE: Final = 60.0


@dataclass
class HalfSent:
    """A worker's thread is at it: it has said that it wants the body."""

    connection: socket.socket
    body: bytes

    @classmethod
    def to(cls, port: int, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Self:  # noqa: ANN401 - any JSON
        """Send the head, and wait until a thread has read it."""
        sent = json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Expect: 100-continue"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection = socket.create_connection(("127.0.0.1", port), _PATIENCE)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        told = connection.recv(len(_CONTINUE), socket.MSG_WAITALL)
        assert told == _CONTINUE
        return cls(connection, sent)

    def finish(self) -> tuple[int, bytes]:
        """Send the body; answers status and body, once the answer is whole."""
        with self.connection:
            self.connection.sendall(self.body)
            return whole_answer(self.connection)


def whole_answer(connection: socket.socket) -> tuple[int, bytes]:
    """The status and the body of an answer that has come to its end."""
    with HTTPResponse(connection) as answer:
        answer.begin()
        return answer.status, answer.read()  # IncompleteRead where it breaks off
