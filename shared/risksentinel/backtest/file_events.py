"""FileEvents: the payments and labels of a file, read once and stored in order of time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from risksentinel.errors import Rejected
from risksentinel.partitioned.event_table import from_parquet, to_parquet
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment

ROWS: Final = 32_768  # of one file
_WHOLE: Final = "whole"


@dataclass(frozen=True, slots=True)
class FileEvents:
    """Events in Parquet files in a folder; the file `whole` has the number of payments."""

    folder: Path

    @property
    def is_whole(self) -> bool:
        """Whether all events of the file were stored."""
        return (self.folder / _WHOLE).exists()

    def count(self) -> int:
        """The number of payments."""
        return int((self.folder / _WHOLE).read_text())

    def write(self, events: Iterable[PastEvent]) -> int:
        """Store all events, readable by the owner only; return the number of payments."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        waiting, number, payments = iter(events), 0, 0
        while some := list(islice(waiting, ROWS)):
            path = self.folder / f"{number:06}.parquet"
            path.touch(0o600)
            path.write_bytes(to_parquet(some))
            payments += sum(isinstance(each, PastPayment) for each in some)
            number += 1
        (self.folder / _WHOLE).write_text(str(payments))
        return payments

    def events(self) -> Iterator[PastEvent]:
        """All events in order.

        Raises:
            Rejected: the file was not stored to its end.
            Malformed: a stored file is damaged.
        """
        if not self.is_whole:
            raise Rejected(f"{self.folder} is not complete: delete {self.folder.parent}")
        for path in sorted(self.folder.glob("*.parquet")):
            yield from from_parquet(path.read_bytes())
