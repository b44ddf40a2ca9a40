"""events_of: the payments and labels of a backtest, in order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from risksentinel.adapters.sql.past_payments import Lateness, Period, SqlPast
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_records import label_records
from risksentinel.backtest.file_events import FileEvents
from risksentinel.backtest.inputs import CANDIDATE, COMPARED, Inputs
from risksentinel.domain.transaction import EARLIEST
from risksentinel.scoring.partitions.past_events import PastEvent

FILE_EVENTS: Final = "events"  # the folder of the events of a file, in the checkpoint


class Source(Protocol):
    """Past payments and labels."""

    def count(self) -> int:
        """The number of payments, or a little more."""

    def events(self) -> Iterable[PastEvent]:
        """All of them, in order."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The source of the inputs, and the folder of the checkpoint."""

    container: Container
    inputs: Inputs
    folder: Path

    def source(self) -> Source:
        """The payments of the database, or those of the file, which were read before."""
        if self.inputs.document["file"] is not None:
            return FileEvents(self.folder / FILE_EVENTS)
        return past_of(self.container, self.inputs)


def past_of(container: Container, inputs: Inputs) -> SqlPast:
    """The payments and labels of the database."""
    since, until = inputs.moment("warm_since"), inputs.moment("until")
    labels = label_records(container).labelled(EARLIEST, inputs.moment("as_of"))
    return SqlPast(
        container.engine,
        Period(since, inputs.moment("since"), until),
        _lateness(inputs),
        list(labels),
    )


def _lateness(inputs: Inputs) -> Lateness:
    live = inputs.document["live_lateness_seconds"]
    bounds = [live] + [
        contents["settings"]["max_lateness_seconds"]
        for side in (CANDIDATE, COMPARED)
        if (contents := inputs.policy(side)) is not None
    ]
    finite = [bound for bound in bounds if bound is not None]
    return Lateness(
        timedelta(seconds=min(finite)) if finite else None,
        None if live is None else timedelta(seconds=live),
    )
