"""StoredPayment: a payment in the database, with its verdict if it has one."""

from dataclasses import dataclass

from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.errors import Conflict


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """The stored verdict of a payment, and the alert that it raised.

    `created` is True in the answer to the request that stored the verdict, False in repetitions.
    """

    scored: Scored
    alert_id: str | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class StoredPayment:
    """A stored payment; `verdict` is None while it waits for its score."""

    transaction: Transaction
    verdict: StoredVerdict | None

    def answer(self, asked: Transaction) -> StoredVerdict | Transaction | Conflict:
        """The answer to a request with this id: the verdict, or the waiting payment itself."""
        if not self.transaction.is_same_payment(asked):
            return Conflict("this id belongs to another payment: give each payment its own id")
        return self.verdict or self.transaction
