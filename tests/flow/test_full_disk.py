"""The disk of the embedded engine fills while payments arrive."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.flow.engine_process import Answer, EngineProcess, wait_until
from tests.flow.private_disk import on_small_disk, seen_by
from tests.functions.caller import PAYMENT, TRANSACTIONS

DISK = 64  # MiB
ROOM = 1_000_000  # bytes that are left for some of the payments
PAYMENTS = 240
BATCHES = 4

pytestmark = pytest.mark.slow


def _payment(name: str) -> dict[str, Any]:
    return {**PAYMENT, "id": name, "sender_id": f"acc-{name}"}


def _pay(engine: EngineProcess, name: str) -> Answer:
    return engine.call("POST", TRANSACTIONS, _payment(name))


def _batch(engine: EngineProcess, names: list[str]) -> Answer:
    payments = [_payment(name) for name in names]
    return engine.call("POST", f"{TRANSACTIONS}batch", {"transactions": payments})


def _fill(ballast: Path, room: int) -> None:
    """Take the disk but for `room` bytes."""
    free = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - room)


def _is_whole(engine: EngineProcess, name: str) -> bool:
    """Whether the payment is there with its verdict; it is never there without."""
    payment = engine.call("GET", f"{TRANSACTIONS}{name}").status
    verdict = engine.call("GET", f"{TRANSACTIONS}{name}/score").status
    assert payment == verdict
    assert payment in {200, 404}
    return payment == 200


def test_a_full_disk_loses_no_payment_that_was_answered(tmp_path: Path) -> None:
    """503 and not ready while it is full; afterwards the engine goes on by itself."""
    home = tmp_path / "home"
    with on_small_disk(home, DISK, {"THREADS": "8"}) as engine:
        ballast = seen_by(engine, home) / "ballast"
        names = [f"p-{number}" for number in range(PAYMENTS)]
        batches = [[f"b-{batch}-{number}" for number in range(100)] for batch in range(BATCHES)]
        _fill(ballast, ROOM)

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda name: _pay(engine, name), names))
            together = list(pool.map(lambda each: _batch(engine, each), batches))
        during = engine.call("GET", "/health/readiness")
        alive = engine.call("GET", "/health/liveness")

        refused = [answer for answer in answers if answer.status != 201]
        assert {answer.status for answer in refused} == {503}
        assert 0 < len(refused) < PAYMENTS
        assert all("Retry-After" in answer.headers for answer in refused)
        assert all("database" in answer.body["detail"] for answer in refused)
        assert (during.status, alive.status) == (503, 200)
        assert "MiB are free on the disk" in during.body["checks"]["database"]

        ballast.unlink()
        wait_until(
            lambda: engine.call("GET", "/health/readiness").status == 200, "room to be found"
        )
        for name, answer in zip(names, answers, strict=True):
            assert _is_whole(engine, name) or answer.status == 503
        for batch, answer in zip(batches, together, strict=True):
            stored = {_is_whole(engine, name) for name in batch}
            assert len(stored) == 1, "a batch is stored whole or not at all"
            assert stored == {True} or answer.status == 503
        assert {_pay(engine, name).status for name in names} <= {200, 201}
        assert all(_is_whole(engine, name) for name in names)
        with closing(sqlite3.connect(seen_by(engine, home) / "risksentinel.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert "Traceback" not in engine.log.read_text()
