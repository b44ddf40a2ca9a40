"""Segments: the checkpoint of one policy, a Parquet file for each 16,384 payments and labels.

A file appears whole, and is never changed. It has the outcomes of its payments, and the digest of
all events up to its end: a resumed run reads the events again, and compares.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from risksentinel.errors import Rejected
from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome

WINDOW: Final = 2_048  # events that are decided in waves
SEGMENT: Final = 8 * WINDOW
_DIGEST: Final = b"digest"
_WHOLE: Final = "whole"
_PRIVATE: Final = 0o600  # the files have account numbers

Decided = tuple[PastPayment, PastOutcome]


@dataclass(frozen=True, slots=True)
class Segments:
    """The files of one folder."""

    folder: Path

    def paths(self) -> list[Path]:
        """The files in order."""
        return sorted(self.folder.glob("*.parquet"))

    def write(self, number: int, digest: str, decided: Sequence[Decided]) -> None:
        """Write the file of this number; after a crash it is there whole, or not at all."""
        import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
        from pyarrow import parquet

        schema = _schema(pa).with_metadata({_DIGEST: digest.encode()})
        table = pa.table(_columns(decided), schema)
        path = self.folder / f"{number:08}.parquet"
        part = path.with_suffix(".part")
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "wb"
        ) as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def read(self, path: Path) -> tuple[str, Any]:
        """The digest and the table of a file.

        Raises:
            Rejected: the file is damaged.
        """
        import pyarrow as pa
        from pyarrow import parquet

        try:
            table = parquet.read_table(path)
        except (pa.ArrowException, OSError) as fault:
            raise Rejected(f"{path} is damaged: delete the folder {path.parents[1]}") from fault
        return table.schema.metadata[_DIGEST].decode(), table

    @property
    def is_whole(self) -> bool:
        """Whether all events were decided."""
        return (self.folder / _WHOLE).exists()

    def finish(self, digest: str) -> None:
        """Mark the end."""
        part = self.folder / "whole.part"
        part.write_text(digest)
        part.replace(self.folder / _WHOLE)

    def digest(self) -> str:
        """The digest of all events, after the end."""
        return (self.folder / _WHOLE).read_text()


def _schema(pa: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    text = pa.string()
    return pa.schema(
        [
            ("order", pa.int64()),
            ("id", text),
            ("at", pa.timestamp("us", tz="UTC")),
            ("occurred_at", pa.timestamp("us", tz="UTC")),
            ("cents", pa.int64()),
            ("sender_id", text),
            ("receiver_id", text),
            ("channel", text),
            ("fraud", pa.bool_()),
            ("decision", text),
            ("score", pa.int32()),
            ("alert", pa.bool_()),
            ("rules", pa.list_(text)),
            ("escalations", pa.list_(text)),
            ("reasons", pa.list_(text)),
        ]
    )


def _columns(decided: Sequence[Decided]) -> dict[str, list[Any]]:
    pasts, payments = [past for past, _ in decided], [past.payment for past, _ in decided]
    said = [outcome for _, outcome in decided]
    return {
        "order": [past.order for past in pasts],
        "id": [payment.id for payment in payments],
        "at": [past.at for past in pasts],
        "occurred_at": [payment.occurred_at for payment in payments],
        "cents": [payment.amount.cents for payment in payments],
        "sender_id": [payment.sender_id for payment in payments],
        "receiver_id": [payment.receiver_id for payment in payments],
        "channel": [payment.channel.value for payment in payments],
        "fraud": [past.fraud for past in pasts],
        "decision": [outcome.decision.value for outcome in said],
        "score": [outcome.score for outcome in said],
        "alert": [outcome.alert for outcome in said],
        "rules": [outcome.rules for outcome in said],
        "escalations": [outcome.escalations for outcome in said],
        "reasons": [outcome.reasons for outcome in said],
    }
