"""What the workers of the tests open for themselves."""

from dataclasses import dataclass
from pathlib import Path

from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.scoring.partitions.stages import Stages
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
