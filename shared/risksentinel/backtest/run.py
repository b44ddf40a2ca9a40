"""run_backtest: prepares, or continues a stopped backtest; decides; writes the report."""

from pathlib import Path
from shutil import rmtree
from typing import Final

from rich.console import Console

from risksentinel.assembly.container import Container
from risksentinel.backtest.file_events import FileEvents
from risksentinel.backtest.inputs import (
    CANDIDATE,
    COMPARED,
    Inputs,
    refuse_others,
    store,
    stored_inputs,
)
from risksentinel.backtest.labelled_file import LabelledFile, NotInOrder
from risksentinel.backtest.prepare import prepare, refuse_changed_lists
from risksentinel.backtest.progress import progress
from risksentinel.backtest.report import Written, write_report
from risksentinel.backtest.request import Request, asked_of
from risksentinel.backtest.sources import FILE_EVENTS, Opened
from risksentinel.backtest.workers import Task, run_sides
from risksentinel.errors import Misconfigured

CHECKPOINT: Final = ".checkpoint"


def run_backtest(container: Container, request: Request, console: Console) -> Written:
    """Run it, and remove the checkpoint at the end.

    Raises:
        Misconfigured, Malformed, NotFound: the options or a policy file are wrong.
        Rejected: a checkpoint is of other inputs, or payments, labels or lists changed meanwhile.
    """
    folder = request.out / CHECKPOINT
    inputs = _inputs(container, request, folder)
    if request.options is not None:
        _read_file(request, folder, console)
    tasks = [Task(inputs, folder, side) for side in inputs.sides]
    total = Opened(container, inputs, folder).source().count()
    with progress(console, inputs.sides, total) as moved:
        run_sides(tasks, request.workers, moved)
    refuse_changed_lists(container, inputs)
    segments = {task.side: task.segments for task in tasks}
    sides = segments[CANDIDATE], segments.get(COMPARED, segments[CANDIDATE])
    written = write_report(inputs, sides, request.out, full_accounts=request.full_accounts)
    rmtree(folder)
    return written


def _inputs(container: Container, request: Request, folder: Path) -> Inputs:
    """The inputs: of now, or of the stopped backtest if they are the same."""
    before = stored_inputs(folder)
    as_of = container.clock() if before is None else before.moment("as_of")
    inputs = prepare(container, asked_of(request), as_of)
    if before is None:
        try:
            store(inputs, folder)
        except OSError as fault:
            raise Misconfigured(
                f"--out {request.out} cannot be written: {fault.strerror}"
            ) from None
    else:
        refuse_others(inputs, before, folder)
    return inputs


def _read_file(request: Request, folder: Path, console: Console) -> None:
    """Store the events of the file, unless a stopped backtest has stored them."""
    events = FileEvents(folder / FILE_EVENTS)
    if events.is_whole or request.options is None:
        return
    found = LabelledFile.of(request.options, request.label_delay, request.label)
    with progress(console, ["read"], found.count()) as moved:
        try:
            events.write(found.events(lambda rows: moved("read", rows)))
        except NotInOrder:
            console.print(f"{request.options.file.name} is not in order of time: it is sorted")
            events.write(found.events(lambda _: None, in_order=False))
    if found.refused:
        console.print(f"{found.refused:,} rows are not valid payments, and are left out")
