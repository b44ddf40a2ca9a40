"""The cost of a version in shadow to answers: blocks with and without, in turns, in one engine."""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time, sleep
from typing import Final

from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.assembly.rule_changes import manage_policies
from risksentinel.assembly.rules import rule_book
from risksentinel.assembly.shadow import shadow
from risksentinel.embedded.engine import running
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics

PAIRS: Final = 6
PAYMENTS: Final = 500  # of a block
A_SECOND: Final = 100
_POLL_SECONDS: Final = 1.2
_WITHOUT, _WITH = "without", "with a version in shadow"


def run(console: Console) -> None:
    """Print percentiles of the answers, and processor time, of each kind of block."""
    taken: dict[str, list[float]] = {_WITHOUT: [], _WITH: []}
    ninety_nine: dict[str, list[float]] = {_WITHOUT: [], _WITH: []}
    processor: dict[str, list[float]] = {_WITHOUT: [], _WITH: []}
    with (
        TemporaryDirectory() as folder,
        running(Settings(risksentinel_home=Path(folder), max_lateness_seconds=None)) as engine,
    ):
        container = engine.container
        submit = submit_payments(container, FunctionMetrics("ingest"))
        manage = manage_policies(container)
        stated = iter([document(one) for one in payments((2 * PAIRS + 1) * PAYMENTS)])
        number = manage.draft(None, "", "bench").number

        def block() -> tuple[list[float], float]:
            seconds, used = [], process_time()
            due = perf_counter()
            for _ in range(PAYMENTS):
                one = next(stated)
                sleep(max(0.0, due - perf_counter()))
                began = perf_counter()
                submit([one], INGEST, wait=True, traceparents=[None])
                seconds.append(perf_counter() - began)
                due = max(due + 1 / A_SECOND, perf_counter())
            sleep(_POLL_SECONDS)  # the shadow decides the rest of the block
            return seconds, process_time() - used

        block()
        for pair in range(PAIRS):
            for name in (_WITHOUT, _WITH) if pair % 2 else (_WITH, _WITHOUT):
                if name == _WITH:
                    manage.shadow(number, None, "bench")
                sleep(_POLL_SECONDS)
                rule_book(container).edition()
                if shadow(container).is_on() != (name == _WITH):
                    raise RuntimeError("the version is not in the state that is measured")
                seconds, used = block()
                taken[name] += seconds
                ninety_nine[name].append(percentile(seconds, 0.99))
                processor[name].append(used / PAYMENTS)
                if name == _WITH:
                    manage.end_shadow(number, None, "bench")
    rows = [
        {
            "blocks": name,
            "p50": milliseconds(percentile(taken[name], 0.5)),
            "p95": milliseconds(percentile(taken[name], 0.95)),
            "p99": milliseconds(percentile(taken[name], 0.99)),
            "p99 of blocks": " ".join(milliseconds(each) for each in ninety_nine[name]),
            "CPU a payment": milliseconds(median(processor[name])),
        }
        for name in taken
    ]
    title = f"One client, {A_SECOND} payments a second, {PAIRS} pairs of blocks of {PAYMENTS}"
    print_table(console, title, rows)
