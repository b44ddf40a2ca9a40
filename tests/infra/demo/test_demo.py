"""`make demo` plays a day with fraud into an engine of its own, without touching any other data."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from infra.demo.day import day_until, time_of
from infra.devstack.servers.ports import free_port
from tests.strategies import NOW

_SUMS = {
    "payments": "SELECT count(*) FROM transactions",
    "alerts": "SELECT count(*) FROM alerts",
    "labels": "SELECT count(*) FROM labels",
}


def test_the_day_ends_now_and_its_history_is_before_it(tmp_path: Path) -> None:
    """No payment is in the future, and the last day is not history too."""
    day = day_until(NOW, tmp_path)

    times = [time_of(payment) for payment in day.payments]
    assert times == sorted(times)
    assert NOW.timestamp() - 86_400 < times[0].timestamp()
    assert times[-1] <= NOW
    assert any(payment["is_fraud"] for payment in day.payments)
    history = day.history.read_text().splitlines()
    assert len(history) > 5 * len(day.payments)
    assert not {payment["id"] for payment in day.payments} & set(history)


def test_a_visitor_sees_alerts_and_reported_frauds(tmp_path: Path) -> None:
    """The database of the environment is left alone."""
    other = tmp_path / "other.db"
    command = [sys.executable, "-m", "infra.demo", "--minutes", "0", "--stop"]

    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--port", str(free_port())],
        cwd=tmp_path,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{other}"},  # noqa: TID251 - a child's
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "review" in done.stdout
    assert not other.exists()
    (stored,) = (tmp_path / "build" / "demo" / "home").glob("*.db")
    with closing(sqlite3.connect(stored)) as connection:
        found = {name: connection.execute(sql).fetchone()[0] for name, sql in _SUMS.items()}
    assert found["payments"] > 1_000
    assert found["alerts"] >= 10
    assert found["labels"] >= 5
