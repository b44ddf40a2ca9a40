"""run_on_cluster: exports the past, decides it on a Ray cluster, and writes the report.

What is finished is in the storage: the export, and each partition of each pass. The same command,
run again after a stop, goes on from there.
"""

import json

from rich.console import Console

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.assembly.container import Container
from risksentinel.backtest.cluster.export import exported
from risksentinel.backtest.cluster.outcome_files import OutcomeFiles
from risksentinel.backtest.cluster.storage import (
    OPTION,
    ROOT,
    RUN,
    absolute,
    opened,
    remove_all,
    store_document,
    stored_document,
)
from risksentinel.backtest.cluster.work import SideWork, read_stored
from risksentinel.backtest.inputs import CANDIDATE, COMPARED, Inputs, differing
from risksentinel.backtest.labelled_file import LabelledFile
from risksentinel.backtest.prepare import prepare, refuse_changed_lists
from risksentinel.backtest.progress import Moved, progress
from risksentinel.backtest.report import Written, write_report
from risksentinel.backtest.request import Request, asked_of
from risksentinel.backtest.sources import past_of
from risksentinel.errors import Misconfigured, Rejected
from risksentinel.partitioned.event_files import partitions_for
from risksentinel.partitioned.ray_cluster import LOCAL, cluster
from risksentinel.partitioned.ray_workers import RECEIVERS, SENDERS, RayWorkers, Work, in_turn
from risksentinel.scoring.partitions.passes import settle
from risksentinel.scoring.partitions.past_outcome import PastOutcome


def run_on_cluster(container: Container, request: Request, console: Console) -> Written:
    """Run it, and delete what was kept in the storage at the end.

    Raises:
        Misconfigured: Ray is not installed, or the cluster, the storage or an option cannot be
            used.
        Rejected: the storage has a stopped backtest of other inputs, a list changed, or a worker
            refused its task.
        Unavailable: the storage or the cluster does not answer.
    """
    uri = absolute(request.storage or "")
    storage = opened(uri, container.settings)
    container.on_close(storage.close)
    file = None
    if request.options is not None:
        file = LabelledFile.of(request.options, request.label_delay, request.label)
    _writable(request)
    inputs, partitions = _begun(container, request, file, storage)
    with cluster(request.cluster or LOCAL, request.workers):
        export = exported(container, inputs, file, storage, partitions, console)
        document = json.dumps(dict(inputs.document))
        works = {side: SideWork(uri, document, export, side, partitions) for side in inputs.sides}
        names = [f"{side}: {stage}" for side in inputs.sides for stage in (RECEIVERS, SENDERS)]
        with progress(console, names, export.payments) as moved:
            for work in works.values():
                _decide(work, inputs, storage, moved)
    refuse_changed_lists(container, inputs)
    decided = {side: _kept(work, storage) for side, work in works.items()}
    sides = decided[CANDIDATE], decided.get(COMPARED, decided[CANDIDATE])
    written = write_report(inputs, sides, request.out, full_accounts=request.full_accounts)
    remove_all(storage)
    return written


def _begun(
    container: Container, request: Request, file: LabelledFile | None, storage: Objects
) -> tuple[Inputs, int]:
    """The inputs and the number of partitions: of now, or of the stopped backtest."""
    before = stored_document(storage, RUN)
    as_of = container.clock() if before is None else Inputs(before["inputs"]).moment("as_of")
    inputs = prepare(container, asked_of(request), as_of)
    if before is None:
        payments = past_of(container, inputs).count() if file is None else file.count()
        run = {"inputs": dict(inputs.document), "partitions": partitions_for(payments)}
        before = store_document(storage, RUN, run)
    others = differing(inputs, Inputs(before["inputs"]))
    if others:
        raise Rejected(
            f"{OPTION} {request.storage} has a backtest that was stopped, with another "
            f"{', '.join(others)}: delete all under {ROOT} there, or give another {OPTION}"
        )
    return Inputs(before["inputs"]), before["partitions"]


def _decide(work: SideWork, inputs: Inputs, storage: Objects, moved: Moved) -> None:
    """Decide one side, unless it is decided."""
    kept = _kept(work, storage)
    if kept.is_whole:
        return
    if inputs.policy(work.side) is None:
        passes = 1
        tasks = [(work, partition) for partition in range(work.partitions)]
        for count in in_turn(read_stored, tasks):
            moved(f"{work.side}: {SENDERS}", count)
    else:
        passes = settle(
            RayWorkers[PastOutcome](
                Work(work.files, work.stages, work.kept),
                work.partitions,
                lambda stage, count: moved(f"{work.side}: {stage}", count),
            )
        )
    kept.finish(passes)


def _kept(work: SideWork, storage: Objects) -> OutcomeFiles:
    return OutcomeFiles(storage, work.export, work.side, work.partitions)


def _writable(request: Request) -> None:
    try:
        request.out.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as fault:
        raise Misconfigured(f"--out {request.out} cannot be written: {fault.strerror}") from None
