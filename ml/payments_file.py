"""Reads a Parquet file of payments, written by `risksentinel labels export` or another tool."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.categorical_columns import channels, decisions, rails
from ml.dataset import UNKNOWN, Dataset, Integers, sorted_dataset
from ml.file_column import FileColumn, first_missing
from ml.file_columns import columns_of
from ml.order_context import order_contexts
from ml.stored_payments import stored_payments
from risksentinel.domain.label import SILENCE
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.label_export.schema import TIMES

_LONGEST: Final = 64  # characters of an identifier
_ACCOUNTS: Final = 100_000  # whose names are not computed again
_WRONG: Final = 2  # a label that is none


def read_parquet(
    path: Path, given: Mapping[str, str], delay: timedelta, folder: Path | None = None
) -> Dataset:
    """Read payments; without `known_at` each label is known `delay` after its payment.

    With the column `label_source`, labels are complete up to the last payment whose chargeback
    window ended without a report; without that column, for all payments.

    With `folder`, which must not exist, the payments are stored there, and not held in memory.

    Raises:
        Malformed: the file is no Parquet or lacks a column; an amount, time, account, channel,
            rail, decision or label is invalid; a label was known before its payment; or a SIM swap
            or a saved beneficiary is dated after its payment.
    """
    columns = _columns(path, given)
    cents, at = _cents(columns["amount_zar"]), _seconds(columns["occurred_at"])
    fraud = _labels(columns.get("fraud"), len(cents))
    known = _known(columns.get("known_at"), at, int(delay.total_seconds()))
    return sorted_dataset(
        at,
        _payments(columns, cents, at),
        fraud=fraud,
        known_at=known,
        complete_until=_complete_until(columns.get("label_source"), at),
        decisions=decisions(columns.get("decision")),
        keep=None if folder is None else partial(stored_payments, folder=folder),
    )


def _payments(
    columns: Mapping[str, FileColumn], cents: Integers, at: Integers
) -> Iterator[Transaction]:
    """Check the columns; return the payments in the order of the file, one at a time."""
    count = len(cents)
    identities = range(count) if "id" not in columns else columns["id"]
    ids = _named("payment's id", "p", identities)
    senders = _named("sender", "s", columns["sender_id"])
    receivers = _named("receiver", "r", columns["receiver_id"])
    ways = zip(
        channels(columns.get("channel"), count), rails(columns.get("rail"), count), strict=True
    )
    categories = _texts(columns.get("merchant_category"), count)
    countries = _texts(columns.get("receiver_country"), count)
    contexts = order_contexts(columns, at, _devices(columns.get("device_id"), count))
    return (
        Transaction(
            id=identity,
            sender_id=sender,
            receiver_id=receiver,
            amount=Money.of_cents(int(amount)),
            channel=channel,
            occurred_at=datetime.fromtimestamp(int(second), UTC),
            rail=rail,
            merchant_category=category,
            receiver_country=country,
            **context,
        )
        for (
            identity,
            sender,
            receiver,
            amount,
            (channel, rail),
            second,
            category,
            country,
            context,
        ) in zip(
            ids, senders, receivers, cents, ways, at, categories, countries, contexts, strict=True
        )
    )


def _columns(path: Path, given: Mapping[str, str]) -> dict[str, FileColumn]:
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            schema, count = file.schema_arrow, file.metadata.num_rows
    except (ValueError, OSError) as fault:
        raise Malformed(f"{path} is not readable Parquet: {fault}") from None
    found: dict[str, FileColumn] = {}
    for target, name in columns_of(schema.names, given).items():
        is_time = target in TIMES
        if is_time and not pa.types.is_timestamp(schema.field(name).type):
            raise Malformed(f"column {name} has no timestamps: convert it, or give another")
        found[target] = FileColumn(path, name, count, is_time)
    return found


def _cents(amounts: FileColumn) -> Integers:
    rands = (np.nan if one is None else float(one) for one in amounts)
    try:
        rand = np.fromiter(rands, np.float64, len(amounts))
    except (TypeError, ValueError):
        raise Malformed(
            "the amounts are not numbers: convert them, or --map amount_zar=…"
        ) from None
    wrong = np.flatnonzero(~((rand >= 0) & (rand <= float(LARGEST))))
    if wrong.size:
        raise Malformed(
            f"{wrong.size} amounts are missing, not finite, negative or too large, the first in "
            f"row {wrong[0] + 1}: remove these rows or correct them"
        )
    return np.rint(rand * 100).astype(np.int64)


def _seconds(times: FileColumn) -> Integers:
    row = first_missing(times)
    if row is not None:
        raise Malformed(f"the time is missing in row {row}: remove such rows or correct them")
    return np.fromiter(times, np.int64, len(times))


def _known(times: FileColumn | None, at: Integers, late: int) -> Integers:
    if times is None:
        return at + late
    seconds = (
        paid + late if one is None else one for one, paid in zip(times, at.tolist(), strict=True)
    )
    known = np.fromiter(seconds, np.int64, len(times))
    wrong = np.flatnonzero(known < at)
    if wrong.size:
        raise Malformed(
            f"{wrong.size} labels were known before their payment, the first in row "
            f"{wrong[0] + 1}: check which column has the time of the label (--map known_at=…)"
        )
    return known


def _labels(labels: FileColumn | None, count: int) -> npt.NDArray[np.int8]:
    """The label of each payment: 1, 0, or UNKNOWN if missing. Raises Malformed."""
    if labels is None:
        return np.full(count, UNKNOWN, dtype=np.int8)
    found = np.fromiter(map(_label, labels), np.int8, count)
    wrong = np.flatnonzero(found == _WRONG)
    if wrong.size:
        raise Malformed(
            f"{wrong.size} labels are neither 0 nor 1, the first in row {wrong[0] + 1}: convert "
            "them, or --map fraud=…"
        )
    return found


def _label(one: Any) -> int:  # noqa: ANN401 - any cell of a file
    if one is None or one != one:  # noqa: PLR0124 - only NaN differs
        return UNKNOWN
    return int(one) if one in (0, 1) else _WRONG


def _complete_until(sources: FileColumn | None, at: Integers) -> int | None:
    if sources is None:
        return None
    silent = np.fromiter((source == SILENCE for source in sources), np.bool_, len(sources))
    return int(at[silent].max()) if silent.any() else int(at.min()) - 1


def _texts(values: FileColumn | None, count: int) -> Iterable[str | None]:
    if values is None:
        return repeat(None, count)
    return (None if value is None else str(value) for value in values)


def _devices(devices: FileColumn | None, count: int) -> Iterable[str | None]:
    """The names of the devices, or digests of them; None if the file has no value."""
    if devices is None:
        return repeat(None, count)
    named = lru_cache(_ACCOUNTS)(_name)
    return (None if one is None else named("d", one) for one in devices)


def _named(field: str, side: str, names: FileColumn | range) -> Iterator[str]:
    """The names with a prefix for their side; a digest if a name is no identifier."""
    row = None if isinstance(names, range) else first_missing(names)
    if row is not None:
        raise Malformed(f"the {field} is missing in row {row}: remove such rows")
    named = lru_cache(_ACCOUNTS)(_name)
    return (named(side, name) for name in names)


def _name(side: str, name: Any) -> str:  # noqa: ANN401 - any cell of a file
    text = f"{side}{name}"
    plain = text.isascii() and text.isalnum() and len(text) <= _LONGEST
    return text if plain else side + sha256(text.encode()).hexdigest()[:32]
