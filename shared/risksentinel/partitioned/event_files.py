"""EventFiles: past payments in object storage or in a folder, one folder for each partition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from risksentinel.errors import Conflict, Malformed, NotFound
from risksentinel.partitioned.event_table import from_parquet, to_parquet
from risksentinel.scoring.partitions.past_events import PastEvent, partition_of

ROWS_OF_A_FILE: Final = 50_000
MAX_WAITING: Final = 400_000  # rows of all partitions that are not written yet
MAX_BYTES: Final = 256 * 1024 * 1024
_WHOLE: Final = "whole"
_ROWS_OF_A_PARTITION: Final = 50_000  # payments that a worker holds
_FEWEST, _MOST = 4, 256


def partitions_for(payments: int) -> int:
    """The number of partitions of so many payments; one busy account makes a partition larger."""
    return min(max(-(-payments // _ROWS_OF_A_PARTITION), _FEWEST), _MOST)


class Stored(Protocol):
    """An object that was read."""

    @property
    def body(self) -> bytes:
        """Its content."""


class Storage(Protocol):
    """Bytes by key, as `adapters.models.model_objects.Objects` keeps them."""

    def read(self, key: str, most: int) -> Stored | None:
        """The object; None where it does not exist."""

    def add(self, key: str, body: bytes) -> bool:
        """Store an object; False where the key exists."""

    def keys(self, under: str) -> list[str]:
        """The keys that begin with `under` and a slash."""


@dataclass(frozen=True, slots=True)
class EventFiles:
    """An event is in the partition of its sender and in that of its receiver."""

    storage: Storage
    folder: str
    partitions: int

    def write(self, events: Iterable[PastEvent]) -> int:
        """Write all events; return how many.

        No more than ROWS_OF_A_FILE of a partition, and MAX_WAITING of all, are in memory.

        Raises:
            Conflict: the folder has files already.
        """
        waiting: list[list[PastEvent]] = [[] for _ in range(self.partitions)]
        count = held = 0
        for count, event in enumerate(events, 1):  # noqa: B007 - the last one is returned
            payment = event.payment
            for partition in {
                partition_of(payment.sender_id, self.partitions),
                partition_of(payment.receiver_id, self.partitions),
            }:
                waiting[partition].append(event)
                held += 1
                full = partition if len(waiting[partition]) == ROWS_OF_A_FILE else None
                if held == MAX_WAITING:
                    full = max(range(self.partitions), key=lambda each: len(waiting[each]))
                if full is not None:
                    self._add(full, waiting[full])
                    held -= len(waiting[full])
                    waiting[full] = []
        for partition, rest in enumerate(waiting):
            if rest:
                self._add(partition, rest)
        self.storage.add(f"{self.folder}/{_WHOLE}", str(count).encode())
        return count

    def read(self, partition: int) -> Iterator[PastEvent]:
        """Yield the events of a partition in order.

        Raises:
            NotFound: the files were not written to their end.
            Malformed: a file is damaged or missing.
        """
        if self.storage.read(f"{self.folder}/{_WHOLE}", 100) is None:
            raise NotFound(f"{self.folder} was not written to its end: write it again")
        keys = sorted(self.storage.keys(self._of(partition)))
        for key in keys:
            found = self.storage.read(key, MAX_BYTES)
            if found is None:
                raise Malformed(f"{key} is missing")
            yield from from_parquet(found.body)

    def _add(self, partition: int, events: list[PastEvent]) -> None:
        key = f"{self._of(partition)}/{events[0].order:012}.parquet"
        if not self.storage.add(key, to_parquet(events)):
            raise Conflict(f"{key} exists: choose an empty folder")

    def _of(self, partition: int) -> str:
        return f"{self.folder}/partition={partition:04}"
