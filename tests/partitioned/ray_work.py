"""What the workers of the tests open for themselves."""

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.domain.history import Snapshot
from risksentinel.errors import Rejected
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from risksentinel.scoring.partitions.stages import Changed, Decisions, Stages
from tests.scoring.partitions.past_lives import WINDOW, Seen, see


@dataclass(frozen=True)
class OpenFolder:
    """Opens the files of a folder."""

    folder: Path
    partitions: int

    def __call__(self) -> EventFiles:
        """Return the files."""
        return EventFiles(FolderObjects(self.folder), "past", self.partitions)


@dataclass(frozen=True)
class OpenStages:
    """Makes the stages of the tests."""

    partitions: int

    def __call__(self) -> Stages[Seen]:
        """Return the stages."""
        return Stages(see, WINDOW, self.partitions)


@dataclass(frozen=True)
class KeepPickled:
    """Meets `ray_workers.Kept` with a file for each partition of a pass."""

    folder: Path

    def __call__(self) -> "KeepPickled":
        """Return the files."""
        return self

    def find(self, number: int, partition: int) -> tuple[int, Sequence[Decisions]] | None:
        """Return what was kept."""
        path = self._path(number, partition)
        if not path.exists():
            return None
        changed: Changed[Seen] = pickle.loads(path.read_bytes())  # noqa: S301 - our own file
        return len(changed.results), changed.decisions

    def keep(
        self, number: int, partition: int, events: Iterable[PastEvent], changed: Changed[Seen]
    ) -> None:
        """Keep it; the events have the payments of all results."""
        assert changed.results.keys() <= {each.order for each in events}
        self._path(number, partition).write_bytes(pickle.dumps(changed))

    def results(self) -> dict[int, Seen]:
        """Return the latest results of all partitions."""
        found: dict[int, Seen] = {}
        for path in sorted(self.folder.iterdir()):
            found |= pickle.loads(path.read_bytes()).results  # noqa: S301 - our own file
        return found

    def _path(self, number: int, partition: int) -> Path:
        return self.folder / f"{number:04}-{partition:04}"


@dataclass(frozen=True)
class DecideNothing:
    """Fails where a payment is decided."""

    partitions: int

    def __call__(self) -> Stages[Seen]:
        """Return the stages."""
        return Stages(self.refused, WINDOW, self.partitions)

    def refused(self, asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[Seen]:
        """Decide nothing."""
        raise Rejected(f"{len(asked)} payments were decided again")
