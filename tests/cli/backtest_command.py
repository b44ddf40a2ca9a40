"""`risksentinel backtest` as a process of its own, on a home with a database and a file."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from risksentinel.migrations.migrate import migrate
from risksentinel.policy_files.policy_yaml import to_yaml
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import PolicyContents, contents_document
from tests.fakes.scoring import RULES

COMMAND: Final = str(Path(sys.executable).with_name("risksentinel"))
BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_HEAD: Final = (
    "id",
    "sender_id",
    "receiver_id",
    "amount_zar",
    "channel",
    "occurred_at",
    "is_fraud",
)


def made_home(folder: Path, payments: int) -> Path:
    """The folder, with a migrated database, and a file of payments."""
    migrate(f"sqlite:///{folder / 'risksentinel.db'}")
    with (folder / "payments.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(_HEAD)
        for number in range(payments):
            fraud = number % 97 == 0
            out.writerow(
                (
                    f"p{number}",
                    f"620000{number % 1_013:05}",
                    f"630000{number % 211:05}" if not fraud else f"640000{number:05}",
                    "49000.00" if fraud else f"{20 + number % 180}.00",
                    "mobile_banking",
                    (BEGIN + timedelta(seconds=37 * number)).isoformat(),
                    int(fraud) if number % 3 else "",
                )
            )
    return folder


def arguments(home: Path, out: Path) -> list[str]:
    """A backtest of the file, by a policy with another threshold."""
    policy = home / "policy.yaml"
    if not policy.exists():
        contents = PolicyContents(Policy(high=Decimal("0.55")), ActiveRules(RULES), None)
        policy.write_text(to_yaml(contents_document(contents)))
    payments = home / "payments.csv"
    return ["backtest", "--from", str(payments), "--policy", str(policy), "--out", str(out)]


def environ(home: Path, more: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, str]:
    """The environment of a command with its data in `home`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}  # noqa: TID251 - a child's
    return {**kept, "RISKSENTINEL_HOME": str(home), "LOG_LEVEL": "error", **more}


def run(
    home: Path, *words: str, more: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *words], env=environ(home, more), capture_output=True, text=True, check=False
    )


def files(out: Path) -> dict[str, Any]:
    """What the report says, without the time of its labels; the bytes of the other files."""
    report = json.loads((out / "report.json").read_bytes())
    report.pop("labels_as_of")
    others = {p.name: p.read_bytes() for p in out.iterdir() if p.name != "report.json"}
    return {"report.json": report, **others}
