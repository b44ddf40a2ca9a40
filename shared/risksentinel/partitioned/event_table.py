"""Past payments and labels as Parquet, exact to the cent and the microsecond."""

from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any, Final

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed
from risksentinel.scoring.partitions.past_events import PastEvent, PastLabel, PastPayment

_TEXTS: Final = ("id", "sender_id", "receiver_id", "channel", "rail", "merchant_category")
_MORE_TEXTS: Final = ("receiver_country", "device_id", "given")
_TIMES: Final = ("at", "occurred_at", "sim_swapped_at", "beneficiary_added_at")


def to_parquet(events: Iterable[PastEvent]) -> bytes:
    """Return a Parquet file with one row for each event; `of` is null for a payment."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    text, time = pa.string(), pa.timestamp("us", tz="UTC")
    schema = pa.schema(
        [
            ("order", pa.int64()),
            ("of", pa.int64()),
            ("cents", pa.int64()),
            ("fraud", pa.bool_()),
            ("only_clears", pa.bool_()),
            ("never_late", pa.bool_()),
            *((name, text) for name in (*_TEXTS, *_MORE_TEXTS)),
            *((name, time) for name in _TIMES),
        ]
    )
    file = BytesIO()
    rows = [_row(event) for event in events]
    parquet.write_table(pa.Table.from_pylist(rows, schema), file, compression="zstd")
    return file.getvalue()


def from_parquet(body: bytes) -> Iterator[PastEvent]:
    """Yield the events of a file that `to_parquet` made.

    Raises:
        Malformed: the file is damaged, or has other columns.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        for batch in parquet.ParquetFile(BytesIO(body)).iter_batches():
            yield from map(_event, batch.to_pylist())
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as fault:
        raise Malformed(f"a file of past payments is damaged: {fault}") from fault


def _row(event: PastEvent) -> dict[str, Any]:
    payment = event.payment.to_mapping() | {"cents": event.payment.amount.cents}
    if isinstance(event, PastLabel):
        label = {"at": event.known_at, "fraud": event.fraud, "only_clears": event.only_clears}
        return {**payment, **label, "order": event.order, "of": event.of}
    known = {"never_late": event.never_late, "fraud": event.fraud}
    return {**payment, **known, "order": event.order, "at": event.at, "given": event.given}


def _event(row: Mapping[str, Any]) -> PastEvent:
    payment = Transaction(
        id=row["id"],
        sender_id=row["sender_id"],
        receiver_id=row["receiver_id"],
        amount=Money.of_cents(row["cents"]),
        channel=Channel(row["channel"]),
        occurred_at=row["occurred_at"],
        rail=None if row["rail"] is None else Rail(row["rail"]),
        merchant_category=row["merchant_category"],
        receiver_country=row["receiver_country"],
        device_id=row["device_id"],
        sim_swapped_at=row["sim_swapped_at"],
        beneficiary_added_at=row["beneficiary_added_at"],
    )
    if row["of"] is not None:
        known_at, clears = row["at"], row["only_clears"]
        return PastLabel(row["order"], row["of"], payment, known_at, row["fraud"], clears)
    given = None if row["given"] is None else Decision(row["given"])
    return PastPayment(row["order"], payment, row["at"], given, row["never_late"], row["fraud"])
