"""The columns of a file of payments, and the other names under which files have them.

`risksentinel import` sends the columns of a payment; training (`ml`) reads the labels too.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

PAYMENT_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
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
# What is known of a payment after it was scored. Training reads these; they are never sent.
LABEL_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
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
TARGETS: Final = tuple(PAYMENT_COLUMNS)
REQUIRED: Final = ("sender_id", "receiver_id", "amount_zar", "occurred_at")
_NOT_A_LETTER: Final = re.compile(r"[\W_]+")


def bare(name: str) -> str:
    """The name as it is compared: `Tx_ID`, `tx id` and `txId` are one name."""
    return _NOT_A_LETTER.sub("", name).casefold()


def columns_for(target: str, names: Sequence[str]) -> tuple[str, ...]:
    """The columns among `names` that may be the target: the one of its name, else all aliases."""
    if target in names:
        return (target,)
    return tuple(name for name in names if bare(name) in _BARE[target])


_BARE: Final = {
    target: frozenset({bare(target), *map(bare, aliases)})
    for target, aliases in {**PAYMENT_COLUMNS, **LABEL_COLUMNS}.items()
}
# A scorer that is given the label measures nothing: these are never sent, not even on request.
NEVER_SENT: Final = _BARE["fraud"] | {
    *("scenario", "txfraudscenario", "fraudscenario", "fraudtype", "isflaggedfraud"),
    *("class", "target"),
}
