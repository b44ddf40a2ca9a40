"""Measures the first request to a function with zero pods, step by step."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from time import sleep
from typing import Final

from rich.table import Table

from infra.bench.cold_starts import COLD_STARTS, ColdStart
from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult
from infra.cluster_tests.deployment import NAMES
from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.payments import payment
from infra.cluster_tests.timeline import MEANING, STEPS, middle, steps
from infra.cluster_tests.trivial import Trivial, trivial
from infra.kafka_source.credentials import SourceCredentials
from risksentinel.adapters.system_clock import new_id
from risksentinel.events import transaction_received

ROUNDS: Final = 10
MAY_TAKE: Final = 2.0  # seconds, the median; a trivial Flask function takes 0.8 to 1.8 there
_LOGGED_AFTER: Final = 0.5
_FIRST: Final = "ingest"  # the function that a caller waits for


@dataclass(slots=True)
class ColdStarts:
    """The cold starts of one function."""

    seconds: list[float] = field(default_factory=list)
    parts: list[Mapping[str, float]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def check(bench: Bench) -> Iterator[CheckResult]:
    """Start each function from zero pods, one after the other, in each round."""
    found = {_name(cold_start): ColdStarts() for cold_start in COLD_STARTS}
    with trivial(bench.deployment.tools, bench.api, bench.ingress) as other:
        compared = [_round(bench, other, found, number) for number in range(ROUNDS)]
    bench.console.print(_table(found))
    busy = f"load average {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    yield CheckResult(
        "a trivial function in the same rounds, to compare with",
        passed=True,
        measured=f"{_summary(compared)}; {busy}",
    )
    for name, each in found.items():
        limit = f", median <= {MAY_TAKE:g} s" if name == _FIRST else ""
        in_time = not limit or median(each.seconds or [MAY_TAKE + 1]) <= MAY_TAKE
        yield CheckResult(
            f"{name} answers from zero pods, {ROUNDS} times{limit}",
            passed=not each.failed and in_time,
            measured="; ".join([_summary(each.seconds), *each.failed]),
        )


def _round(bench: Bench, other: Trivial, found: Mapping[str, ColdStarts], number: int) -> float:
    """Cold-start each function once; return the seconds of the trivial function."""
    bench.pods.await_none(*NAMES)
    for cold_start in COLD_STARTS:
        name = _name(cold_start)
        answer = _cold_started(bench, cold_start, number)
        sleep(_LOGGED_AFTER)
        if not answer.ok:
            found[name].failed.append(f"{answer.status} {answer.body[:100]!r}")
            continue
        pod = bench.pods.of(name)[-1]
        found[name].seconds.append(answer.seconds)
        found[name].parts.append(steps(answer, pod, bench.pods.log(pod)))
    return other.cold_start().seconds


def _cold_started(bench: Bench, cold_start: ColdStart, number: int) -> IngressResponse:
    secret = bench.deployment.overlay.variables["EVENT_SECRET"]
    headers = {
        **SourceCredentials(secret).headers,
        "ce-specversion": "1.0",
        "ce-id": str(new_id()),
        "ce-source": "/cluster-test",
        "ce-type": transaction_received.TYPE,
    }
    posts = cold_start.method == "POST"
    is_event = cold_start.path == "/"
    return bench.ingress.call(
        _name(cold_start),
        cold_start.method,
        cold_start.path,
        payment("waking", number) if posts else None,
        headers if is_event else None,
    )


def _name(cold_start: ColdStart) -> str:
    return cold_start.function.replace("_", "-")


def _summary(seconds: list[float]) -> str:
    if not seconds:
        return "no response"
    least, most = min(seconds), max(seconds)
    return f"median {median(seconds):.2f} s, min {least:.2f} s, max {most:.2f} s"


def _table(found: Mapping[str, ColdStarts]) -> Table:
    """Return a table of cold starts by step; medians of steps do not sum to the total's median."""
    shown = Table("step, median ms", title="cold starts from zero pods", title_justify="left")
    answered = {name: each for name, each in found.items() if each.seconds}
    middles = [middle(each.parts) for each in answered.values()]
    for name in (*answered, "meaning"):
        shown.add_column(name)
    for step in STEPS:
        figures = (f"{each[step] * 1000:.0f}" for each in middles)
        shown.add_row(step, *figures, MEANING[step])
    totals = (f"{median(each.seconds) * 1000:.0f}" for each in answered.values())
    shown.add_row("total", *totals, "")
    return shown
