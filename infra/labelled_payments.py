"""Payments and what they turned out to be, as the Parquet file that `python -m ml.train` reads."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final

from risksentinel.domain.label import SILENCE, KnownOutcome
from risksentinel.errors import Misconfigured
from risksentinel.ports.history import Remembered

AT_ONCE: Final = 20_000  # payments in memory
UNKNOWN: Final = "unknown"
Outcomes = Iterable[tuple[Remembered, KnownOutcome | None]]


def write_parquet(outcomes: Outcomes, path: Path) -> Counter[str]:
    """Write the payments, some at a time; answers how many have their label from which source.

    What nobody can know yet is null: `fraud`, `label_source` and `known_at` alike. The file is
    there when it is whole, and readable by its owner only: it holds account numbers.

    Raises:
        Misconfigured: it cannot be written there.
    """
    counted: Counter[str] = Counter()
    rows = (_row(remembered, outcome) for remembered, outcome in outcomes)
    with _opened(path) as (writer, table):
        while some := list(islice(rows, AT_ONCE)):
            counted.update(row["label_source"] or UNKNOWN for row in some)
            writer.write_table(table(some))
    return counted


def _row(remembered: Remembered, outcome: KnownOutcome | None) -> Mapping[str, Any]:
    payment, decision = remembered.transaction, remembered.decision
    row: dict[str, Any] = {
        "id": payment.id,
        "sender_id": payment.sender_id,
        "receiver_id": payment.receiver_id,
        "amount_zar": payment.amount.amount,
        "channel": payment.channel.value,
        "rail": payment.rail and payment.rail.value,
        "merchant_category": payment.merchant_category,
        "receiver_country": payment.receiver_country,
        "device_id": payment.device_id,
        "sim_swapped_at": payment.sim_swapped_at,
        "beneficiary_added_at": payment.beneficiary_added_at,
        "occurred_at": payment.occurred_at,
        "decision": decision and decision.value,
        "fraud": None,
        "label_source": None,
        "known_at": None,
    }
    if outcome is None:
        return row
    return row | {
        "fraud": outcome.fraud,
        "label_source": SILENCE if outcome.source is None else outcome.source.value,
        # The payer's clock may run ahead of the one by which the label was written.
        "known_at": max(outcome.known_at, payment.occurred_at),
    }


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Yield what writes tables, and what makes one of rows."""
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    moment, text = pa.timestamp("us", tz="UTC"), pa.string()
    schema = pa.schema(
        [
            *((name, text) for name in ("id", "sender_id", "receiver_id")),
            ("amount_zar", pa.decimal128(18, 2)),
            *((name, text) for name in ("channel", "rail", "merchant_category")),
            *((name, text) for name in ("receiver_country", "device_id")),
            *((name, moment) for name in ("sim_swapped_at", "beneficiary_added_at")),
            ("occurred_at", moment),
            ("decision", text),
            ("fraud", pa.bool_()),
            ("label_source", text),
            ("known_at", moment),
        ]
    )
    part = path.with_name(f"{path.name}.part")
    try:
        part.touch(mode=0o600)
        with parquet.ParquetWriter(part, schema) as writer:
            yield writer, lambda rows: pa.Table.from_pylist(rows, schema)
        part.replace(path)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
