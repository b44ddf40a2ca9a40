"""Reads a Parquet file of payments, written by `risksentinel labels export` or another tool."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.categorical_columns import channels, decisions, rails
from ml.dataset import UNKNOWN, Dataset, Integers, dataset
from ml.file_columns import columns_of
from ml.order_context import order_contexts
from risksentinel.domain.label import SILENCE
from risksentinel.domain.money import LARGEST, Money
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Malformed
from risksentinel.label_export.schema import TIMES

_LONGEST: Final = 64  # characters of an identifier


def read_parquet(path: Path, given: Mapping[str, str], delay: timedelta) -> Dataset:
    """Read payments; without `known_at` each label is known `delay` after its payment.

    With the column `label_source`, labels are complete up to the last payment whose chargeback
    window ended without a report; without that column, for all payments.

    Raises:
        Malformed: the file is no Parquet or lacks a column; an amount, time, account, channel,
            rail, decision or label is invalid; a label was known before its payment; or a SIM swap
            or a saved beneficiary is dated after its payment.
    """
    columns = _read(path, given)
    cents, at = _cents(columns["amount_zar"]), _seconds(columns["occurred_at"])
    fraud = _labels(columns.get("fraud"), len(cents))
    known = _known(columns.get("known_at"), at, int(delay.total_seconds()))
    ids = _named("payment's id", "p", columns.get("id", range(len(cents))))
    senders = _named("sender", "s", columns["sender_id"])
    receivers = _named("receiver", "r", columns["receiver_id"])
    count = len(cents)
    ways = zip(
        channels(columns.get("channel"), count), rails(columns.get("rail"), count), strict=True
    )
    categories = _texts(columns.get("merchant_category"), count)
    countries = _texts(columns.get("receiver_country"), count)
    contexts = order_contexts(columns, at, _devices(columns.get("device_id"), len(cents)))
    payments = [
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
    ]
    return dataset(
        payments,
        fraud.tolist(),
        known,
        _complete_until(columns.get("label_source"), at),
        decisions(columns.get("decision")),
    )


def _read(path: Path, given: Mapping[str, str]) -> dict[str, Any]:
    import pyarrow as pa  # type: ignore[import-untyped] # pyarrow ships no types
    from pyarrow import parquet

    try:
        names = parquet.read_schema(path).names
        columns = columns_of(names, given)
        table = parquet.read_table(path, columns=list(columns.values()))
    except (ValueError, OSError) as fault:
        raise Malformed(f"{path} is not readable Parquet: {fault}") from None
    found: dict[str, Any] = {}
    for target, name in columns.items():
        column = table.column(name)
        if target in TIMES:
            if not pa.types.is_timestamp(column.type):
                raise Malformed(f"column {name} has no timestamps: convert it, or give another")
            column = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
        found[target] = column.to_pylist()
    return found


def _cents(amounts: Sequence[Any]) -> Integers:
    try:
        rand = np.array([np.nan if one is None else float(one) for one in amounts], np.float64)
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


def _seconds(times: Sequence[int | None]) -> Integers:
    if None in times:
        row = times.index(None) + 1
        raise Malformed(f"the time is missing in row {row}: remove such rows or correct them")
    return np.array(times, dtype=np.int64)


def _known(times: Sequence[int | None] | None, at: Integers, late: int) -> Integers:
    if times is None:
        return at + late
    paid = at.tolist()
    known = np.array(
        [then + late if one is None else one for one, then in zip(times, paid, strict=True)],
        dtype=np.int64,
    )
    wrong = np.flatnonzero(known < at)
    if wrong.size:
        raise Malformed(
            f"{wrong.size} labels were known before their payment, the first in row "
            f"{wrong[0] + 1}: check which column has the time of the label (--map known_at=…)"
        )
    return known


def _labels(labels: Sequence[Any] | None, count: int) -> npt.NDArray[np.int8]:
    """The label of each payment: 1, 0, or UNKNOWN if missing. Raises Malformed."""
    if labels is None:
        return np.full(count, UNKNOWN, dtype=np.int8)
    missing = [one is None or one != one for one in labels]  # noqa: PLR0124 - only NaN differs
    wrong = [
        row
        for row, (one, none) in enumerate(zip(labels, missing, strict=True), 1)
        if not none and one not in (0, 1)
    ]
    if wrong:
        raise Malformed(
            f"{len(wrong)} labels are neither 0 nor 1, the first in row {wrong[0]}: convert them, "
            "or --map fraud=…"
        )
    return np.array(
        [UNKNOWN if none else int(one) for one, none in zip(labels, missing, strict=True)],
        dtype=np.int8,
    )


def _complete_until(sources: Sequence[Any] | None, at: Integers) -> int | None:
    if sources is None:
        return None
    silent = np.array([source == SILENCE for source in sources])
    return int(at[silent].max()) if silent.any() else int(at.min()) - 1


def _texts(values: Sequence[Any] | None, count: int) -> list[str | None]:
    if values is None:
        return [None] * count
    return [None if value is None else str(value) for value in values]


def _devices(devices: Sequence[Any] | None, count: int) -> list[str | None]:
    """The names of the devices, or digests of them; None if the file has no value."""
    if devices is None:
        return [None] * count
    named = iter(_named("device", "d", [one for one in devices if one is not None]))
    return [None if one is None else next(named) for one in devices]


def _named(field: str, side: str, names: Sequence[Any]) -> list[str]:
    """The names with a prefix for their side; a digest if a name is no identifier."""
    if None in names:
        raise Malformed(f"the {field} is missing in row {names.index(None) + 1}: remove such rows")
    known: dict[Any, str] = {}
    for name in set(names):
        text = f"{side}{name}"
        plain = text.isascii() and text.isalnum() and len(text) <= _LONGEST
        known[name] = text if plain else side + sha256(text.encode()).hexdigest()[:32]
    return [known[name] for name in names]
