"""Opens the listening sockets of an address."""

import socket
from contextlib import suppress

from risksentinel.errors import Misconfigured

BACKLOG = 1024


def listening_sockets(host: str, port: int) -> list[socket.socket]:
    """Listen on each address of the host; clients wait until a server accepts them.

    Raises:
        Misconfigured: the port is in use, or the host has no address here.
    """
    opened: list[socket.socket] = []
    try:
        for family, address in _addresses(host, port):
            opened.append(_listening(family, address))
    except OSError as error:
        for each in opened:
            each.close()
        raise Misconfigured(
            f"cannot listen on {host} port {port}: {error.strerror}; set HOST or PORT"
        ) from None
    return opened


def _addresses(host: str, port: int) -> list[tuple[int, tuple[str, int]]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise Misconfigured(
            f"cannot listen on {host} port {port}: it is not an address; set HOST or PORT"
        ) from None
    return list(dict.fromkeys((int(each[0]), each[4]) for each in found))  # type: ignore[misc]  # an address of IPv6 has four parts


def _listening(family: int, address: tuple[str, int]) -> socket.socket:
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with suppress(OSError):
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
        opened.listen(BACKLOG)
    except OSError:
        opened.close()
        raise
    return opened
