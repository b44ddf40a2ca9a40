"""A fake instance of the engine, and payments to send to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Reply = tuple[int, dict[str, Any]]
Handle = Callable[[str, dict[str, Any]], Reply]


@dataclass
class Instance:
    """A fake instance; `handle` answers a path and a body."""

    url: str
    handle: Handle
    paths: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    bearers: set[str | None] = field(default_factory=set)
    callers: set[tuple[str, int]] = field(default_factory=set)


def score_all(path: str, body: dict[str, Any]) -> Reply:
    """The answer of the API to valid payments."""
    if not path.endswith("/batch"):
        verdict = {"risk_level": "high", "decision": "review", "alert_id": None}
        return 201, {"id": body["id"]} | verdict
    results = [
        {"index": index, "status": 201, "transaction": {"id": one["id"], "risk_level": "low"}}
        for index, one in enumerate(body["transactions"])
    ]
    return 200, {"results": results}


def payments(count: int, **other: str) -> list[dict[str, str]]:
    """Documents with ids from 0."""
    return [{"id": str(number)} | other for number in range(count)]
