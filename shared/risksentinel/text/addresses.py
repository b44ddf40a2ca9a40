"""Addresses: whether only this machine reaches them, and whether a URL is protected by TLS."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_USUAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether the host is an address of this machine only; an unknown name is not."""
    if host in _USUAL:
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_secure_url(url: str) -> bool:
    """Whether the URL is https, or http on this machine; without user, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or "#" in url or not url.isascii() or not url.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
