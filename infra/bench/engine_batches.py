"""Embedded engine in batches, without HTTP: payments a second, and the share of each stage."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from rich.console import Console

from infra.bench.figures import milliseconds, payments, percentile, print_table
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.embedded.engine import running
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.settings import Settings

PAYMENTS = 20_000
BATCH = 200


class StageMeter:
    """A meter that sums the time of each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        began = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += perf_counter() - began

    def decision(self, decision: str) -> None:
        """Do nothing: this meter measures time only."""

    def shadowed(self, outcome: str, count: int = 1) -> None:
        """Do nothing: this meter measures time only."""

    def silent(self, signal: str) -> None:
        """Do nothing: this meter measures time only."""


def run(console: Console) -> None:
    """Print the throughput and the stages."""
    meter = StageMeter()
    with (
        TemporaryDirectory() as folder,
        running(Settings(risksentinel_home=Path(folder), max_lateness_seconds=None)) as engine,
    ):
        submit = submit_payments(engine.container, meter)
        stated = list(payments(PAYMENTS))
        batches, whole, processor = [], perf_counter(), process_time()
        for start in range(0, PAYMENTS, BATCH):
            began = perf_counter()
            with meter.stage("read"):
                read = [document(one) for one in stated[start : start + BATCH]]
            submit(read, INGEST, wait=True, traceparents=[None] * len(read))
            batches.append(perf_counter() - began)
        whole, processor = perf_counter() - whole, process_time() - processor
    rows = [
        {
            "stage": name,
            "share": f"{100 * s / whole:.0f} %",
            "a payment": f"{1e6 * s / PAYMENTS:.0f} µs",
        }
        for name, s in sorted(meter.seconds.items(), key=lambda item: -item[1])
    ]
    rows.append({"stage": "all", "share": "100 %", "a payment": f"{1e6 * whole / PAYMENTS:.0f} µs"})
    title = (
        f"Engine, batches of {BATCH}: {PAYMENTS / whole:,.0f} payments a second; a batch p50 "
        f"{milliseconds(percentile(batches, 0.5))}, p99 {milliseconds(percentile(batches, 0.99))}; "
        f"CPU {1e3 * processor / PAYMENTS:.3f} ms a payment, in all threads of the process"
    )
    print_table(console, title, rows)
