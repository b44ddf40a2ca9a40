from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Conflict, Unavailable
from risksentinel.ports.ledger import Ledger, Unit
from risksentinel.ports.stored_payment import StoredPayment, StoredVerdict
from risksentinel.usecases.receive_transactions import ReceiveTransactions
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import RISKY, paid

SOURCE = "/risksentinel/ingest"


@dataclass
class GoesAway:
    """A database that answers one read, and fails after that."""

    behind: Ledger
    questions: int = 0

    def unit(self, *, expects_new: bool = False) -> AbstractContextManager[Unit]:
        """Open a transaction."""
        return self.behind.unit(expects_new=expects_new)

    def known(self, transaction_ids: Sequence[str]) -> dict[str, StoredPayment]:
        """Answer once."""
        self.questions += 1
        if self.questions > 1:
            raise Unavailable("database")
        return self.behind.known(transaction_ids)


@pytest.fixture
def receive(ledger: Ledger) -> ReceiveTransactions:
    """The use case."""
    return ReceiveTransactions(ledger, lambda: NOW)


def test_a_payment_is_stored_and_published_once(
    memory: Store, receive: ReceiveTransactions
) -> None:
    """A client that repeats gets the same answer, and the payment is scored once."""
    payment = paid("t1")

    first = receive([payment, payment], SOURCE, {})
    again = receive([paid("t1")], SOURCE, {})

    pending = memory.outbox.lease(9, NOW, NOW + timedelta(minutes=1))
    assert first == [paid("t1"), paid("t1")]
    assert again == [paid("t1")]
    assert [waiting.event.subject for waiting in pending] == ["t1"]


def test_a_payment_that_has_its_verdict_gets_it(
    receive: ReceiveTransactions, score: ScoreTransactions
) -> None:
    """A repetition gets the stored verdict, also when it is sent for later scoring."""
    score([paid("t1")], SOURCE, {})

    (answer,) = receive([paid("t1")], SOURCE, {})

    assert isinstance(answer, StoredVerdict)


def test_an_id_of_another_payment_is_a_conflict(receive: ReceiveTransactions) -> None:
    """Also within one batch."""
    receive([paid("t1")], SOURCE, {})

    kept, same_batch = receive([paid("t2"), paid("t2", RISKY)], SOURCE, {})
    (conflict,) = receive([replace(paid("t1"), receiver_id="C")], SOURCE, {})

    assert isinstance(kept, Transaction)
    assert isinstance(same_batch, Conflict)
    assert isinstance(conflict, Conflict)


def test_a_database_that_goes_away_after_the_commit_refuses_nothing(ledger: Ledger) -> None:
    """After a 503 for a stored payment its client would send it twice."""
    receive = ReceiveTransactions(GoesAway(ledger), lambda: NOW)

    (answer,) = receive([paid("t1")], SOURCE, {})

    assert answer == paid("t1")
