"""exported: the past of the database or of a file, as Parquet by account in object storage."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Final
from uuid import uuid4

from rich.console import Console

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.assembly.container import Container
from risksentinel.backtest.cluster.storage import (
    EXPORT,
    Export,
    store_document,
    stored_document,
)
from risksentinel.backtest.inputs import Inputs
from risksentinel.backtest.labelled_file import LabelledFile, NotInOrder
from risksentinel.backtest.progress import progress
from risksentinel.backtest.sources import past_of
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment

STEP: Final = 1_000  # payments between two movements of the bar


def exported(
    container: Container,
    inputs: Inputs,
    file: LabelledFile | None,
    storage: Objects,
    partitions: int,
    console: Console,
) -> Export:
    """Write the events, unless a whole export is stored; return the export that is stored.

    Raises:
        Misconfigured, Malformed: the file cannot be read.
    """
    before = stored_document(storage, EXPORT)
    if before is not None:
        return Export(**before)
    if file is None:
        past = past_of(container, inputs)
        found = _written(past.events(), past.count(), storage, partitions, console)
    else:
        rows = file.count()
        try:
            events = file.events(lambda _: None)
            found = _written(events, rows, storage, partitions, console)
        except NotInOrder:
            console.print(f"{file.options.file.name} is not in order of time: it is sorted")
            events = file.events(lambda _: None, in_order=False)
            found = _written(events, rows, storage, partitions, console)
        if file.refused:
            console.print(f"{file.refused:,} rows are not valid payments, and are left out")
    return Export(**store_document(storage, EXPORT, asdict(found)))


def _written(
    events: Iterable[PastEvent], total: int, storage: Objects, partitions: int, console: Console
) -> Export:
    """One export, in a folder of its own."""
    empty = Export(uuid4().hex, 0, 0, 0)
    payments = asked = 0
    with progress(console, ["export"], total) as moved:

        def counted() -> Iterator[PastEvent]:
            nonlocal asked, payments
            for event in events:
                if isinstance(event, PastPayment):
                    payments += 1
                    asked += event.given is None
                    if payments % STEP == 0:
                        moved("export", STEP)
                yield event

        count = EventFiles(storage, empty.events_folder, partitions).write(counted())
    return Export(empty.folder, count, payments, asked)
