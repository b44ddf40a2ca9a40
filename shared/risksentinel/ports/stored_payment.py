"""What stands for a payment that is kept."""

from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Conflict


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """The verdict that stands for a payment, and the alert it raised.

    `created` says that whoever got this answer brought the payment, and did not repeat it.
    """

    scored: Scored
    alert_id: str | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A payment that is kept; `verdict` is None while it waits for its score."""

    transaction: Transaction
    verdict: StoredVerdict | None

    def answer(self, asked: Transaction) -> StoredVerdict | Transaction | Conflict:
        """What to say to whoever sends this id: the verdict, or the waiting payment itself."""
        if not self.transaction.is_same_payment(asked):
            return Conflict("this id belongs to another payment: give each payment its own id")
        return self.verdict or self.transaction
