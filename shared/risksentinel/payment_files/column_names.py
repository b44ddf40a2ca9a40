"""The fields of a payment, and the common column names of each."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "id": (
            *("tx_id", "txn_id", "trans_id", "trans_num", "transaction_id"),
            *("transaction_number", "payment_id"),
        ),
        "sender_id": (
            *("customer_id", "customer", "payer", "payer_id", "sender", "account_from"),
            *("from_account", "sender_account", "debtor", "debtor_account", "name_orig"),
            *("cc_num", "card_id", "card_number"),
        ),
        "receiver_id": (
            *("terminal_id", "terminal", "merchant_id", "merchant", "beneficiary"),
            *("beneficiary_id", "beneficiary_account", "payee", "payee_id", "receiver"),
            *("account_to", "to_account", "creditor", "creditor_account", "name_dest"),
        ),
        "amount_zar": ("amount", "tx_amount", "transaction_amount", "amt", "value_zar"),
        "channel": ("payment_channel", "tx_channel", "transaction_channel"),
        "occurred_at": (
            *("ts", "timestamp", "time", "datetime", "tx_datetime", "transaction_time"),
            *("transaction_datetime", "trans_date_trans_time", "event_time"),
        ),
        "rail": ("payment_rail",),
        "merchant_category": ("category", "mcc", "merchant_category_code"),
        "receiver_country": ("country", "beneficiary_country", "merchant_country"),
        "device_id": ("device_fingerprint", "device_uuid"),
        "sim_swapped_at": ("sim_swap_at", "sim_swap_time", "last_sim_swap_at"),
        "beneficiary_added_at": (
            *("beneficiary_saved_at", "beneficiary_created_at", "payee_added_at"),
            "payee_created_at",
        ),
        "currency": ("currency_code", "ccy", "iso_currency", "transaction_currency"),
    }
)
# Columns known only after scoring: training (`ml`) reads them, the import never sends them.
LABEL_ALIASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "fraud": (
            *("is_fraud", "tx_fraud", "fraud_label", "fraudulent", "label"),
            *("chargeback", "is_chargeback"),
        ),
        "label_source": (),
        "known_at": ("label_known_at",),
        "decision": ("status",),
    }
)
TARGETS: Final = tuple(ALIASES)
REQUIRED: Final = ("sender_id", "receiver_id", "amount_zar", "occurred_at")
# Labels would reveal the result to the scorer: they are never sent, not even with --map.
LABELS: Final = frozenset(
    {
        *("isfraud", "fraud", "txfraud", "fraudlabel", "fraudulent", "isflaggedfraud"),
        *("scenario", "txfraudscenario", "fraudscenario", "fraudtype", "ischargeback"),
        *("label", "class", "target", "chargeback"),
    }
)
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")


def bare(name: str) -> str:
    """The name in the form for comparisons: `Tx_ID`, `tx id` and `txId` are the same name."""
    return _NOT_A_LETTER.sub("", name).casefold()


def columns_named(target: str, names: Sequence[str]) -> list[str]:
    """The column named like the field `target`, else every column with a common name of it."""
    return [target] if target in names else [name for name in names if bare(name) in _BARE[target]]


_BARE: Final = {
    target: frozenset({bare(target), *map(bare, names)})
    for target, names in {**ALIASES, **LABEL_ALIASES}.items()
}
