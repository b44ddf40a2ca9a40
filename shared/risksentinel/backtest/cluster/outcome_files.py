"""OutcomeFiles: what one policy decided, in object storage, by pass and partition of the sender.

A file has the payments of one span of orders, so that all partitions of a span are read together
and become segments in the order of one process. `decisions.parquet` is written last: with it a
partition of a pass is done, and a command that is run again does not decide it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np

from risksentinel.backtest.cluster.storage import ROOT, Export
from risksentinel.backtest.segment_table import Decided, segment_schema, segment_table
from risksentinel.backtest.segments import SEGMENT
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed
from risksentinel.partitioned.event_files import MAX_BYTES, Storage
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.partitions.stages import Changed, Decisions

SPAN: Final = 16 * SEGMENT  # orders of one file: 262,144 payments and labels
_DONE: Final = "decisions.parquet"
_WHOLE: Final = "whole"
_RESULTS: Final = b"results"


@dataclass(frozen=True, slots=True)
class OutcomeFiles:
    """Meets `ray_workers.Kept`, and `tables.DecidedSide` after `finish`."""

    storage: Storage
    export: Export
    side: str
    partitions: int

    def find(self, number: int, partition: int) -> tuple[int, Sequence[Decisions]] | None:
        """The number of results of this pass and partition, and its decisions; None without."""
        key = f"{self._of(number, partition)}/{_DONE}"
        found = self.storage.read(key, MAX_BYTES)
        if found is None:
            return None
        table = _table(key, found.body)
        decisions: list[Decisions] = [{} for _ in range(self.partitions)]
        for row in table.to_pylist():
            decisions[row["receiver"]][row["order"]] = Decision(row["decision"])
        return int(table.schema.metadata[_RESULTS]), decisions

    def keep(
        self,
        number: int,
        partition: int,
        events: Iterable[PastEvent],
        changed: Changed[PastOutcome],
    ) -> None:
        """Keep the results of payments without a given decision, and all decisions."""
        spans: dict[int, list[Decided]] = defaultdict(list)
        for event in events:
            result = changed.results.get(event.order)
            if result is not None and isinstance(event, PastPayment) and event.given is None:
                spans[event.order // SPAN].append((event, result))
        folder = self._of(number, partition)
        for span, decided in spans.items():
            self.storage.add(f"{folder}/{span:06}.parquet", _parquet(segment_table(decided)))
        done = _decisions_table(changed.decisions, len(changed.results))
        self.storage.add(f"{folder}/{_DONE}", _parquet(done))

    @property
    def is_whole(self) -> bool:
        """Whether all payments were decided."""
        return self.storage.read(f"{self._folder}/{_WHOLE}", 100) is not None

    def finish(self, passes: int) -> None:
        """Mark the end."""
        self.storage.add(f"{self._folder}/{_WHOLE}", str(passes).encode())

    def digest(self) -> str:
        """The export: both policies decide the same one."""
        return self.export.folder

    @property
    def remedy(self) -> str:
        """What an operator does to begin again."""
        return f"delete all under {ROOT} in --storage"

    def tables(self) -> Iterator[Any]:
        """Yield the segments in order; one span is in memory.

        Raises:
            Malformed: payments are missing.
        """
        spans = self._spans()
        found = 0
        for begin in range(0, self.export.events, SPAN):
            table = self._span(spans.get(begin // SPAN, ()))
            orders = table.column("order").to_numpy()
            found += len(orders)
            end = min(begin + SPAN, self.export.events)
            for first in range(begin, end, SEGMENT):
                place, after = np.searchsorted(orders, (first, first + SEGMENT))
                yield table.slice(place, after - place)
        if found != self.export.asked:
            raise Malformed(
                f"{found} of {self.export.asked} payments were decided: {self.remedy}, and begin "
                "again"
            )

    def _spans(self) -> Mapping[int, Sequence[str]]:
        """The keys of each span, those of later passes last."""
        spans: dict[int, list[str]] = defaultdict(list)
        for key in sorted(self.storage.keys(self._folder)):
            name = key.rpartition("/")[2].removesuffix(".parquet")
            if name.isdecimal():
                spans[int(name)].append(key)
        return spans

    def _span(self, keys: Sequence[str]) -> Any:  # noqa: ANN401 - pyarrow has no types
        """The payments in order; of a payment that was decided again, the latest outcome."""
        import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types

        tables = [segment_schema().empty_table()]
        for key in keys:
            found = self.storage.read(key, MAX_BYTES)
            if found is None:
                raise Malformed(f"{key} was deleted meanwhile: {self.remedy}, and begin again")
            tables.append(_table(key, found.body))
        whole = pa.concat_tables(tables).combine_chunks()
        orders = whole.column("order").to_numpy()
        places = np.argsort(orders, kind="stable")
        ordered = orders[places]
        latest = np.append(ordered[1:] != ordered[:-1], True)[: len(ordered)]
        return whole.take(places[latest])

    @property
    def _folder(self) -> str:
        return self.export.side_folder(self.side)

    def _of(self, number: int, partition: int) -> str:
        return f"{self._folder}/pass={number:04}/partition={partition:04}"


def _decisions_table(decisions: Sequence[Decisions], results: int) -> Any:  # noqa: ANN401 - pyarrow
    import pyarrow as pa

    rows = [
        {"receiver": receiver, "order": order, "decision": decision.value}
        for receiver, part in enumerate(decisions)
        for order, decision in part.items()
    ]
    columns = [("receiver", pa.int32()), ("order", pa.int64()), ("decision", pa.string())]
    schema = pa.schema(columns, metadata={_RESULTS: str(results).encode()})
    return pa.Table.from_pylist(rows, schema)


def _parquet(table: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types
    from pyarrow import parquet

    file = BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()


def _table(key: str, body: bytes) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa
    from pyarrow import parquet

    try:
        return parquet.read_table(BytesIO(body))
    except (pa.ArrowException, OSError) as fault:
        raise Malformed(f"{key} in --storage is damaged: delete all under {ROOT}") from fault
