"""Ports of 127.0.0.1 that nothing else takes, also while their server is down for a moment."""

import json
import secrets
import socket
from pathlib import Path
from typing import Final

_RANGE_FILE: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST: Final = 15_000
_USUAL_OUTGOING: Final = 32_768
_given: Final[set[int]] = set()


def ports_of(folder: Path, count: int) -> tuple[int, ...]:
    """Return the ports of the server in this folder: chosen once, and stored in the folder."""
    memory = folder / "ports.json"
    if memory.exists():
        return tuple(json.loads(memory.read_text()))
    ports = tuple(free_port() for _ in range(count))
    memory.write_text(json.dumps(ports))
    return ports


def free_port() -> int:
    """Return a free port outside the kernel's range for outgoing connections.

    A client that repeatedly connects to a port in that range while its server is down can get the
    same port as its source port: it then connects to itself, and the server cannot listen again.
    """
    while True:
        port = _LOWEST + secrets.randbelow(_first_outgoing() - _LOWEST)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _first_outgoing() -> int:
    first = int(_RANGE_FILE.read_text().split()[0]) if _RANGE_FILE.exists() else _USUAL_OUTGOING
    return first if first > 2 * _LOWEST else 65_536


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
