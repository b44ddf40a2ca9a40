"""Dataset: payments in order, with what they turned out to be and when that became known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ml.column_names import columns_of
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Transaction
from risksentinel.errors import Malformed

UNKNOWN: Final = -1  # in `fraud`: nobody can know yet
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dataset:
    """`fraud` is 1, 0 or UNKNOWN; `at` and `known_at` are seconds since 1970 in UTC."""

    payments: Sequence[Transaction]
    at: Integers
    fraud: npt.NDArray[np.int8]
    known_at: Integers

    def __len__(self) -> int:
        """How many payments there are."""
        return len(self.payments)

    def with_delay(self, delay: timedelta) -> "Dataset":
        """The same payments, each label known so long after its payment."""
        return replace(self, known_at=self.at + int(delay.total_seconds()))

    @property
    def sha256(self) -> str:
        """A digest of all that a model can learn from."""
        digest = sha256()
        for part in (self.at, self.fraud, self.known_at):
            digest.update(part.tobytes())
        for payment in self.payments:
            told = (payment.sender_id, payment.receiver_id, payment.amount, payment.channel)
            digest.update("|".join(map(str, (*told, payment.merchant_category))).encode())
        return digest.hexdigest()


def dataset(
    payments: Sequence[Transaction], fraud: Sequence[int], known_at: Sequence[int]
) -> Dataset:
    """Put payments in the order of their times. Raises Malformed where there are none."""
    if not payments:
        raise Malformed("there are no payments: give a file with some")
    at = np.array([int(payment.occurred_at.timestamp()) for payment in payments], dtype=np.int64)
    order = np.argsort(at, kind="stable")
    return Dataset(
        [payments[place] for place in order],
        at[order],
        np.array(fraud, dtype=np.int8)[order],
        np.array(known_at, dtype=np.int64)[order],
    )


def read_parquet(path: Path, given: Mapping[str, str], delay: timedelta) -> Dataset:
    """Read payments; labels are known so long after them where no column says when.

    Raises:
        Malformed: it is no Parquet, lacks a column, or has an amount or a time that is none.
    """
    columns = _read(path, given)
    cents = _cents(columns["amount"])
    at = _seconds(columns["time"])
    fraud = _labels(columns.get("fraud"), len(cents))
    late = int(delay.total_seconds())
    known = _seconds(columns["known"], missing=late) if "known" in columns else at + late
    senders, receivers = _accounts("s", columns["sender"]), _accounts("r", columns["receiver"])
    categories = columns.get("category", [None] * len(cents))
    channels = columns.get("channel", [Channel.POS] * len(cents))
    ids = columns.get("id", range(len(cents)))
    payments = [
        Transaction(
            id=f"p{identity}",
            sender_id=sender,
            receiver_id=receiver,
            amount=Money.of_cents(int(amount)),
            channel=Channel(channel),
            occurred_at=datetime.fromtimestamp(int(second), UTC),
            merchant_category=None if category is None else str(category),
        )
        for identity, sender, receiver, amount, channel, second, category in zip(
            ids, senders, receivers, cents, channels, at, categories, strict=True
        )
    ]
    return dataset(payments, fraud.tolist(), known.tolist())


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
    for part, name in columns.items():
        column = table.column(name)
        if part in {"time", "known"}:
            if not pa.types.is_timestamp(column.type):
                raise Malformed(f"column {name} holds no timestamps: convert it, or give another")
            column = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
        found[part] = column.to_pylist()
    return found


def _cents(amounts: Sequence[Any]) -> Integers:
    rand = np.array([np.nan if one is None else float(one) for one in amounts], dtype=np.float64)
    wrong = np.flatnonzero(~(np.isfinite(rand) & (rand >= 0)))
    if wrong.size:
        raise Malformed(
            f"{wrong.size} amounts are missing, not finite or negative, the first in row "
            f"{wrong[0] + 1}: leave these rows out or mend them"
        )
    return np.rint(rand * 100).astype(np.int64)


def _seconds(times: Sequence[int | None], missing: int | None = None) -> Integers:
    if missing is None and None in times:
        row = times.index(None) + 1
        raise Malformed(f"the time is missing in row {row}: leave such rows out or mend them")
    return np.array([missing if one is None else one for one in times], dtype=np.int64)


def _labels(labels: Sequence[Any] | None, count: int) -> npt.NDArray[np.int8]:
    if labels is None:
        return np.full(count, UNKNOWN, dtype=np.int8)
    return np.array([UNKNOWN if one is None else int(bool(one)) for one in labels], dtype=np.int8)


def _accounts(side: str, names: Sequence[Any]) -> list[str]:
    """Accounts by digests where their names are no identifiers."""
    known: dict[Any, str] = {}
    for name in set(names):
        text = f"{side}{name}"
        plain = text.isascii() and text.isalnum() and len(text) <= 64  # noqa: PLR2004 - Transaction's
        known[name] = text if plain else side + sha256(text.encode()).hexdigest()[:32]
    return [known[name] for name in names]
