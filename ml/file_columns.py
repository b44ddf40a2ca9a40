"""The columns that training reads: the payment's and the label's, by one table with the import."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from risksentinel.errors import Malformed
from risksentinel.payment_files.column_names import (
    ALIASES,
    LABEL_ALIASES,
    REQUIRED,
    columns_named,
)

# Amounts have the unit of their file (`--amount-times` converts them), so no currency is read.
READ: Final = tuple(name for name in (*ALIASES, *LABEL_ALIASES) if name != "currency")
# Other names that `--map` takes.
_SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sender": "sender_id",
        "receiver": "receiver_id",
        "amount": "amount_zar",
        "time": "occurred_at",
        "source": "label_source",
        "known": "known_at",
        "category": "merchant_category",
        "country": "receiver_country",
        "device": "device_id",
        "sim_swapped": "sim_swapped_at",
        "beneficiary_added": "beneficiary_added_at",
    }
)


def mapped_columns(texts: Iterable[str]) -> dict[str, str]:
    """Read TARGET=COLUMN of `--map`. Raises Malformed."""
    found = {}
    for text in texts:
        name, equals, column = (piece.strip() for piece in text.partition("="))
        target = _SHORT.get(name, name)
        if not (equals and column) or target not in READ:
            raise Malformed(f"--map {text}: write TARGET=COLUMN with one of {', '.join(READ)}")
        found[target] = column
    return found


def columns_of(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Map each target to its column of the file: the given one, else the one of a known name.

    Raises:
        Malformed: a given column does not exist, a target could be several columns, or a required
            target has no column.
    """
    unknown = [column for column in given.values() if column not in names]
    if unknown:
        raise Malformed(f"no column {', '.join(unknown)}: the file has {', '.join(names)}")
    found = dict(given)
    for target in READ:
        if target not in found and (column := _column(target, names)):
            found[target] = column
    missing = [target for target in REQUIRED if target not in found]
    if missing:
        give = " ".join(f"--map {target}=COLUMN" for target in missing)
        raise Malformed(f"no column for {', '.join(missing)}: give {give}; has {', '.join(names)}")
    return found


def _column(target: str, names: Sequence[str]) -> str | None:
    columns = columns_named(target, names)
    if len(columns) > 1:
        choices = " or ".join(f"--map {target}={column}" for column in columns)
        raise Malformed(f"{target} could be any of {', '.join(columns)}: give {choices}")
    return columns[0] if columns else None
