from collections.abc import Mapping
from datetime import UTC, datetime

from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.payments import Payment, at_once, load, payment
from risksentinel.payment_formats import FORMATS

WHEN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


class Bank:
    """An API that rejects the first attempt of each payment if configured."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.attempts: dict[str, int] = {}
        self._refuses = refuses

    def pay(self, sent: Payment) -> IngressResponse:
        """Return 503 or 201."""
        name = str(sent["id"])
        self.attempts[name] = self.attempts.get(name, 0) + 1
        first = self._refuses and self.attempts[name] == 1
        headers: Mapping[str, str] = {}
        return IngressResponse(503 if first else 201, headers, b"", WHEN, 0.01)


def test_each_payment_is_valid_and_new() -> None:
    """Each payment is valid and new, because a repeated id is not scored again."""
    import json

    one, other = payment("rush", 1), payment("rush", 1)

    assert FORMATS["application/json"](json.dumps(one).encode()).id == one["id"]
    assert one["id"] != other["id"]


def test_a_load_continues_until_its_block_ends() -> None:
    """The load continues during the whole block."""
    bank = Bank()

    with load("any", bank.pay, threads=2) as tally:
        while len(tally.accepted) < 6:
            pass

    assert len(set(tally.accepted)) == len(tally.accepted) == len(bank.attempts)
    assert not tally.refused


def test_an_insistent_caller_repeats_a_payment_until_it_is_accepted() -> None:
    """A failed payment is repeated until it is accepted, so that none is missing."""
    bank = Bank(refuses=True)

    with load("any", bank.pay, threads=2, insistent=True) as tally:
        while len(tally.accepted) < 6:
            pass

    assert set(tally.accepted) == bank.attempts.keys()
    assert tally.refused.total() == len(tally.accepted)


def test_all_at_once_counts_each_answer() -> None:
    """Accepted and failed payments are counted separately."""
    tally, answers = at_once([payment("rush", n) for n in range(20)], Bank(refuses=True).pay)

    assert (len(tally.accepted), tally.refused.total(), len(answers)) == (0, 20, 20)
    assert "503" in tally.in_words
