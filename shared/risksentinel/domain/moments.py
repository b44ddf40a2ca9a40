"""Moments: times as text."""

from datetime import datetime


def rfc3339(at: datetime) -> str:
    """The time as RFC 3339 writes it, with Z for UTC."""
    return at.isoformat().replace("+00:00", "Z")
