"""The embedded engine with few and with many kept payments, over HTTP and in batches.

An engine reads the past of an account from SQLite with the account's first payment. In each run of
batches the history in memory is empty at the start, so nearly every payment reads a past.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Final

from rich.console import Console

from infra.bench.figures import payments
from infra.bench.growth_pairs import COPIES, FEW, SEEDS, GrowthSample, http_sample, print_growth
from infra.bench.http_load import warm_up
from infra.bench.http_single import embedded_server
from infra.bench.load_generator import load_generator
from infra.bench.multiplied_payments import multiply
from infra.bench.scored_payments import discard_events, score_payments
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.assembly.container import Container
from risksentinel.assembly.payment_submission import submit_payments
from risksentinel.embedded.engine import running
from risksentinel.events.sources import INGEST
from risksentinel.logs import configure
from risksentinel.migrations.migrate import migrate
from risksentinel.payment_formats.payment_document import PaymentDocument, document
from risksentinel.seed import seed as write_defaults
from risksentinel.settings import Settings
from risksentinel.telemetry.metrics import FunctionMetrics

_PAIRS: Final = 8
_PAIRS_OF_BATCHES: Final = 4
_BATCH: Final = 200
_WARM_UP: Final = 1_000
_PAYMENTS: Final = 5_000


def run(console: Console) -> None:
    """Print a table for single payments over HTTP, and one for batches."""
    with _homes() as (few, many):
        with (
            load_generator() as send,
            embedded_server(few) as on_few,
            embedded_server(many) as on_many,
        ):
            runs = []
            for server in (on_few, on_many):
                warm_up(send, [server.port])
                runs.append(partial(http_sample, send, server.port, {"engine": [server.pid]}))
            print_growth(console, "SQLite, HTTP, 16 connections", runs, _PAIRS)
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as process:
            title = f"SQLite, batches of {_BATCH} without HTTP"
            runs = [partial(_apart, process, home) for home in (few, many)]
            print_growth(console, title, runs, _PAIRS_OF_BATCHES)


@contextmanager
def _homes() -> Iterator[tuple[Path, Path]]:
    """Yield the folders of an engine with few and of an engine with many kept payments."""
    with TemporaryDirectory() as folder:
        few, many = (Settings(risksentinel_home=Path(folder, name)) for name in ("few", "many"))
        few.make_home()
        migrate(few.database)
        with closing(Container(few)) as container:
            write_defaults(container)
            window = timedelta(seconds=few.velocity_window_seconds)
            score_payments(container, MemoryHistory(window), FEW)
            discard_events(container)
        copytree(few.risksentinel_home, many.risksentinel_home)
        engine = open_engine(many.database)
        multiply(engine, COPIES)
        engine.dispose()
        yield few.risksentinel_home, many.risksentinel_home


def _apart(process: Executor, home: Path, number: int) -> GrowthSample:
    return process.submit(_batches, home, number).result()


def _batches(home: Path, number: int) -> GrowthSample:
    configure("error")
    read = [document(one) for one in payments(_WARM_UP + _PAYMENTS, SEEDS[1] + number)]
    with running(Settings(risksentinel_home=home, max_lateness_seconds=None)) as engine:
        submit = submit_payments(engine.container, FunctionMetrics("bench"))

        def submit_all(documents: Sequence[PaymentDocument]) -> None:
            for start in range(0, len(documents), _BATCH):
                some = documents[start : start + _BATCH]
                submit(some, INGEST, wait=True, traceparents=[None] * len(some))

        submit_all(read[:_WARM_UP])
        began, processor = perf_counter(), process_time()
        submit_all(read[_WARM_UP:])
        used = {"engine": (process_time() - processor) / _PAYMENTS}
        return GrowthSample(_PAYMENTS / (perf_counter() - began), used)
