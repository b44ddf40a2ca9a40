"""AccountSummary: what the state of an account says before a payment."""

from struct import Struct
from typing import Final, NamedTuple


class AccountSummary(NamedTuple):
    """The state of an account before a payment; seconds since 1970, 0 for never.

    `payments` and `first` count approved and cleared payments, `last` any payment.
    `party_first` is the account's first payment to the beneficiary; `full` means that the account
    pays more beneficiaries than are stored, so that 0 (never) may be wrong.
    """

    payments: int
    first: int
    last: int
    party_first: int
    full: int
    device_first: int


ANSWER: Final = Struct("<IIIIBI")
NOTHING_KNOWN: Final = AccountSummary(0, 0, 0, 0, 0, 0)
