from collections.abc import Mapping
from datetime import UTC, datetime

from infra.cluster_tests.ingress import IngressResponse
from infra.cluster_tests.payments import Payment, at_once, load, payment
from risksentinel.payment_formats import FORMATS

UNAVAILABLE = b'{"type":"urn:risksentinel:problem:unavailable","title":"Temporarily unavailable"}'
WHEN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


class Bank:
    """An API that rejects the first attempt of each payment if configured."""

    def __init__(
        self, *, refuses: bool = False, accepts: int = 201, body: bytes = UNAVAILABLE
    ) -> None:
        self.attempts: dict[str, int] = {}
        self._refuses, self._accepts, self._body = refuses, accepts, body

    def pay(self, sent: Payment) -> IngressResponse:
        """Return 503 or the status of an accepted payment."""
        name = str(sent["id"])
        self.attempts[name] = self.attempts.get(name, 0) + 1
        first = self._refuses and self.attempts[name] == 1
        headers: Mapping[str, str] = {}
        status, body = (503, self._body) if first else (self._accepts, b"{}")
        return IngressResponse(status, headers, body, WHEN, 0.01)


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


def test_a_failed_payment_is_repeated_until_it_is_accepted() -> None:
    """None is missing, and the engine's own 503 is no failure."""
    bank = Bank(refuses=True)

    with load("any", bank.pay, threads=2) as tally:
        while len(tally.accepted) < 6:
            pass

    assert set(tally.accepted) == bank.attempts.keys()
    assert tally.refused.total() == len(tally.accepted)
    assert tally.failures == 0


def test_an_answer_that_is_not_the_engines_is_a_failure() -> None:
    """As from a gateway without a pod."""
    bank = Bank(refuses=True, body=b"no healthy upstream")

    tally, _ = at_once([payment("rush", n) for n in range(3)], bank.pay)

    assert tally.failures == 3


def test_all_at_once_counts_each_answer() -> None:
    """Accepted payments, those of the broker among them, and failed attempts."""
    bank = Bank(refuses=True, accepts=202)

    tally, seconds = at_once([payment("rush", n) for n in range(20)], bank.pay)

    assert (len(tally.accepted), tally.refused.total(), len(seconds)) == (20, 20, 20)
    assert sorted(tally.queued) == sorted(tally.accepted)
    assert "20 accepted (20 by the broker), 20 x 503" in tally.in_words
