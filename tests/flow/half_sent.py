"""A request of which only the head was sent."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, Final, Self

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_TIMEOUT_SECONDS: Final = 60.0


@dataclass
class HalfSent:
    """A request in progress: the server has read the head and asked for the body."""

    connection: socket.socket
    body: bytes

    @classmethod
    def to(cls, port: int, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Self:  # noqa: ANN401 - any JSON
        """Send the head, and wait for the server's `100 Continue`."""
        sent = json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", "Expect: 100-continue"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection = socket.create_connection(("127.0.0.1", port), _TIMEOUT_SECONDS)
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        response = connection.recv(len(_CONTINUE), socket.MSG_WAITALL)
        assert response == _CONTINUE
        return cls(connection, sent)

    def finish(self) -> tuple[int, bytes]:
        """Send the body; return the status and the body of the response."""
        with self.connection:
            self.connection.sendall(self.body)
            return whole_response(self.connection)


def whole_response(connection: socket.socket) -> tuple[int, bytes]:
    """The status and the body of a complete response."""
    with HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.read()  # IncompleteRead if the connection breaks
