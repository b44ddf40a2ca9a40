"""Checks that the servers that the environment names answer, before the stack starts."""

import socket
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from risksentinel.errors import Misconfigured

CONNECT_SECONDS: Final = 2.0
_PORTS: Final = {
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "kafka": 9092,
    "http": 80,
    "https": 443,
}
Address = tuple[str, int]


def check_given(environ: Mapping[str, str]) -> None:
    """Check that each server that the environment names accepts a connection.

    Raises:
        Misconfigured: names the variable, address and reason of each server that does not.
    """
    absent = {}
    for variable, addresses in _named(environ):
        faults = [_fault_of(address) for address in addresses]
        if faults and all(faults):
            absent[variable] = ", ".join(filter(None, faults))
    if absent:
        reasons = "; ".join(f"{variable} names {fault}" for variable, fault in absent.items())
        raise Misconfigured(
            f"the environment names servers that do not answer: {reasons}. Start them, or let the "
            f"stack start its own: `unset {' '.join(absent)}`. (The stack.env of a stack that was "
            "stopped leaves such settings in a shell.)"
        )


def _named(environ: Mapping[str, str]) -> Iterator[tuple[str, list[Address]]]:
    """Yield each variable that is set, and its addresses; one of them must answer."""
    if url := environ.get("DATABASE_URL"):
        yield "DATABASE_URL", _of_database(url)
    if url := environ.get("REDIS_URL"):
        yield "REDIS_URL", _of_url(url)
    if servers := environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        brokers = (_of_url(f"kafka://{each.strip()}") for each in servers.split(","))
        yield "KAFKA_BOOTSTRAP_SERVERS", [address for found in brokers for address in found]
    if environ.get("MODEL_URI") and (url := environ.get("S3_ENDPOINT_URL")):
        yield "MODEL_URI S3_ENDPOINT_URL", _of_url(url)


def _of_database(url: str) -> list[Address]:
    try:
        address = make_url(url)
    except ArgumentError:
        return []  # the functions report the fault
    if address.host is None:
        return []  # a file, or a local socket
    return [(address.host, address.port or _PORTS["postgresql"])]


def _of_url(url: str) -> list[Address]:
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return []  # the functions report the fault
    return [(parts.hostname, port)] if parts.hostname and port else []


def _fault_of(address: Address) -> str | None:
    """Return the fault of an address, without user and password, or None if it answers."""
    try:
        socket.create_connection(address, timeout=CONNECT_SECONDS).close()
    except OSError as error:
        host, port = address
        return f"{host}:{port} ({error.strerror or 'no answer in time'})"
    return None
