"""Day: generated payments up to now: two weeks of history, and the last 24 hours."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from infra.devstack.servers.restartable_server import ServerFailed
from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.text import rfc3339

PEOPLE: Final = 200
FRAUDS_A_DAY: Final = 16
_DAYS: Final = 15
_SEED: Final = 7

Payment = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """The payments in order of time; the history is a file that `risksentinel import` reads."""

    history: Path
    payments: Sequence[Payment]


def day_until(now: datetime, folder: Path) -> Day:
    """Generate the payments, with files in `folder`. Raises ServerFailed."""
    whole, history = folder / "payments.jsonl", folder / "history.jsonl"
    _generate(whole, (now - timedelta(days=_DAYS)).astimezone(SOUTH_AFRICA))
    begin = now - timedelta(days=1)
    today = list[Payment]()
    with whole.open() as lines, history.open("w") as before:
        for line in lines:
            payment = json.loads(line)
            at = time_of(payment)
            if at <= begin:
                before.write(line)
            elif at <= now:
                today.append(payment)
    return Day(history, today)


def time_of(payment: Payment) -> datetime:
    """The time of the payment."""
    return rfc3339.parse(payment["occurred_at"])


def _generate(file: Path, begin: datetime) -> None:
    command = [sys.executable, "-m", "ml.generate", str(file), "--seed", str(_SEED)]
    command += ["--people", str(PEOPLE), "--frauds-a-day", str(FRAUDS_A_DAY)]
    # The days are whole ones in South Africa: one more, for the hours of today.
    command += ["--days", str(_DAYS + 1), "--begin", f"{begin:%Y-%m-%d}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise ServerFailed(f"the payments cannot be generated: {done.stderr}")
