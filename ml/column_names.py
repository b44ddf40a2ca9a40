"""The names by which files call the parts of a payment and its label."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from risksentinel.errors import Malformed

ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "sender": ("sender_id", "customer_id", "cc_num", "card_id", "account_from"),
        "receiver": ("receiver_id", "terminal_id", "merchant_id", "merchant", "account_to"),
        "amount": ("amount_zar", "amount", "tx_amount", "amt"),
        "time": ("occurred_at", "ts", "timestamp", "tx_datetime", "trans_date_trans_time"),
        "fraud": ("fraud", "is_fraud", "tx_fraud", "label"),
        "source": ("label_source",),
        "known": ("known_at", "label_known_at"),
        "category": ("merchant_category", "category", "mcc"),
        "channel": ("channel",),
        "rail": ("rail",),
        "country": ("receiver_country",),
        "device": ("device_id",),
        "sim_swapped": ("sim_swapped_at",),
        "beneficiary_added": ("beneficiary_added_at",),
        "decision": ("decision", "status"),
        "id": ("id", "tx_id", "transaction_id", "trans_num"),
    }
)
REQUIRED: Final = ("sender", "receiver", "amount", "time")


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Read PART=COLUMN. Raises Malformed."""
    found = {}
    for text in texts:
        part, equals, column = (piece.strip() for piece in text.partition("="))
        if not (equals and column) or part not in ALIASES:
            raise Malformed(f"--map {text}: write PART=COLUMN with one of {', '.join(ALIASES)}")
        found[part] = column
    return found


def columns_of(names: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Which column is which part: as told, else by its name.

    Raises:
        Malformed: a column is not there, or a part that must be has none.
    """
    unknown = [column for column in given.values() if column not in names]
    if unknown:
        raise Malformed(f"no column {', '.join(unknown)}: the file has {', '.join(names)}")
    found = {
        part: next((name for name in aliases if name in names), "")
        for part, aliases in ALIASES.items()
    }
    found = {part: name for part, name in found.items() if name} | dict(given)
    missing = [part for part in REQUIRED if part not in found]
    if missing:
        give = " ".join(f"--map {part}=COLUMN" for part in missing)
        raise Malformed(f"no column for {', '.join(missing)}: give {give}; has {', '.join(names)}")
    return found
