"""The columns of an export of labelled payments; training (`ml.payments_file`) reads the same."""

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final


class ColumnType(Enum):
    """What the cells of a column hold; each may be null."""

    TEXT = auto()
    RAND = auto()
    SCORE = auto()
    TEXTS = auto()
    TRUTH = auto()
    TIME = auto()


COLUMNS: Final[Mapping[str, ColumnType]] = MappingProxyType(
    {
        "id": ColumnType.TEXT,
        "sender_id": ColumnType.TEXT,
        "receiver_id": ColumnType.TEXT,
        "amount_zar": ColumnType.RAND,
        "channel": ColumnType.TEXT,
        "rail": ColumnType.TEXT,
        "merchant_category": ColumnType.TEXT,
        "receiver_country": ColumnType.TEXT,
        "device_id": ColumnType.TEXT,
        "sim_swapped_at": ColumnType.TIME,
        "beneficiary_added_at": ColumnType.TIME,
        "occurred_at": ColumnType.TIME,
        "decision": ColumnType.TEXT,
        "risk_score": ColumnType.SCORE,
        "rules_fired": ColumnType.TEXTS,
        "model_version": ColumnType.TEXT,
        "fraud": ColumnType.TRUTH,
        "label_source": ColumnType.TEXT,
        "known_at": ColumnType.TIME,
    }
)
TIMES: Final = tuple(name for name, kind in COLUMNS.items() if kind is ColumnType.TIME)
