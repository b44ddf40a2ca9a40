"""Measures cold starts: from the start of a function's process to its first response."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import uuid4

from risksentinel.adapters.system_clock import now
from risksentinel.text import rfc3339

PHASES: Final = ("interpreter", "server", "function", "connections", "first answer")
COMPUTING: Final = "computing"  # processor time in all, without other work of the machine
SILENT: Final = "without a model"  # 1 if the first response did not wait for the model
MAX_PACKAGES: Final = 6  # the packages with the longest imports


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A function, its first request, and the budget of its cold start in seconds."""

    function: str
    method: str
    path: str
    budget: float

    def seconds(self, environ: Mapping[str, str]) -> dict[str, float]:
        """Start once; return the seconds of each phase, of COMPUTING, and 1 or 0 for SILENT."""
        command = [sys.executable, "-m", "infra.bench.cold_start_phases"]
        command += [self.function, self.method, self.path]
        before = perf_counter()
        ran = subprocess.run(  # noqa: S603
            command, input=self._body, env=environ, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            sys.exit(ran.stderr)
        # Not by lines: threads of the function write log lines in between.
        reported = {
            phase: float(at) for phase, at in re.findall(r"phase ([a-z ]+)=([0-9.]+)", ran.stdout)
        }
        seconds = {COMPUTING: reported[COMPUTING], SILENT: reported[SILENT]}
        for phase in PHASES:
            seconds[phase] = reported[phase] - before
            before = reported[phase]
        return seconds

    def imports(self, environ: Mapping[str, str]) -> str:
        """Return the packages with the longest imports, in milliseconds, as text."""
        program = f"import functions_framework, functions.{self.function}.main"
        command = [sys.executable, "-X", "importtime", "-c", program]
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)  # noqa: S603
        spent = Counter[str]()
        for own, module in re.findall(
            r"^import time: +(\d+) \| +\d+ \| +(\S+)$", ran.stderr, re.MULTILINE
        ):
            spent[module.split(".")[0]] += int(own)
        named = [
            (name, micro)
            for name, micro in spent.most_common()
            if name not in sys.stdlib_module_names
        ]
        return ", ".join(f"{name} {micro / 1000:.0f}" for name, micro in named[:MAX_PACKAGES])

    @property
    def _body(self) -> str:
        if self.method != "POST":
            return ""
        payment = {
            "id": f"wake-up-{uuid4()}",
            "sender_id": "ZA-1001",
            "receiver_id": "ZA-2002",
            "amount_zar": "120.00",
            "channel": "pos",
            "occurred_at": rfc3339.to_text(now()),
        }
        return json.dumps(payment)


COLD_STARTS: Final = (
    ColdStart("ingest", "POST", "/api/v1/transactions/", 1.0),
    ColdStart("score", "POST", "/", 1.0),
    ColdStart("alert_dispatch", "GET", "/api/v1/alerts/", 0.6),
    ColdStart("rules_crud", "GET", "/api/v1/rules/", 0.6),
    ColdStart("dashboard", "GET", "/api/v1/dashboard/summary", 0.6),
)
