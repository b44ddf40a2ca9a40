"""What a worker of the cluster opens for itself: the storage, the events, the policy.

A worker reads its own settings, as a function does: no secret travels in a task. Each process opens
them once.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.assembly.code_digest import code_digest
from risksentinel.assembly.container import Container
from risksentinel.backtest.cluster.outcome_files import OutcomeFiles
from risksentinel.backtest.cluster.storage import Export, worker_storage
from risksentinel.backtest.deciders import decide_past
from risksentinel.backtest.inputs import Inputs
from risksentinel.backtest.prepare import refuse_changed_lists
from risksentinel.backtest.segments import WINDOW
from risksentinel.domain.history import Snapshot
from risksentinel.errors import Misconfigured, Rejected
from risksentinel.logs import configure
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.past_events import PastPayment, partition_of
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.partitions.senders import Decide
from risksentinel.scoring.partitions.stages import Changed, Stages
from risksentinel.settings import Settings


@dataclass(frozen=True, slots=True)
class SideWork:
    """One side of a backtest: picklable, and the same for every task."""

    uri: str
    document: str  # the inputs, as JSON
    export: Export
    side: str
    partitions: int

    def files(self) -> EventFiles:
        """The payments and labels."""
        return EventFiles(worker_storage(self.uri), self.export.events_folder, self.partitions)

    def stages(self) -> Stages[PastOutcome]:
        """The two stages, with the policy of the side."""
        decide, window_seconds = _decide(self.document, self.side)
        return Stages(decide, window_seconds, self.partitions)

    def kept(self) -> OutcomeFiles:
        """Where the decisions are kept."""
        return OutcomeFiles(worker_storage(self.uri), self.export, self.side, self.partitions)


@dataclass(frozen=True, slots=True)
class DecideAsked:
    """Meets `partitions.senders.Decide`: a given decision stands, and is not computed."""

    decide: Decide[PastOutcome]

    def __call__(self, asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[PastOutcome]:
        """Return the outcome of each payment."""
        unknown = [each for each in asked if each[0].given is None]
        found = iter(self.decide(unknown) if unknown else ())
        return [
            next(found) if past.given is None else PastOutcome(past.given, 0, alert=False)
            for past, _ in asked
        ]


def read_stored(work: SideWork, partition: int) -> int:
    """Keep the stored decisions of the senders of a partition; return how many."""
    kept = work.kept()
    found = kept.find(1, partition)
    if found is not None:
        return found[0]
    stored = SqlStoredOutcomes(_container(work.document).engine)
    events = [
        event
        for event in work.files().read(partition)
        if isinstance(event, PastPayment)
        and partition_of(event.payment.sender_id, work.partitions) == partition
    ]
    results: dict[int, PastOutcome] = {}
    for begin in range(0, len(events), WINDOW):
        decided = stored(events[begin : begin + WINDOW])
        results |= {past.order: outcome for past, outcome in decided}
    kept.keep(1, partition, events, Changed(results, ()))
    return len(events)


@lru_cache(maxsize=2)
def _decide(document: str, side: str) -> tuple[Decide[PastOutcome], int]:
    inputs = Inputs(json.loads(document))
    contents = inputs.policy(side)
    if contents is None:
        raise Misconfigured(f"the {side} side has no policy: its decisions are stored")
    decide, window_seconds = decide_past(_container(document), inputs, contents)
    return DecideAsked(decide), window_seconds


@lru_cache(maxsize=1)
def _container(document: str) -> Container:
    """The settings and the database of this machine, if they are those of the command."""
    inputs = Inputs(json.loads(document))
    if code_digest() != inputs.document["code"]:
        raise Rejected("a worker has another release than the command: install the same one")
    settings = Settings.read()
    configure(settings.log_level, stream="stderr")
    container = Container(settings)
    refuse_changed_lists(container, inputs)
    return container
