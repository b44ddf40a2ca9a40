from dataclasses import dataclass, field
from threading import Barrier, Thread

import pytest

from risksentinel.adapters.oidc.issuer_keys import (
    MAX_AGE_SECONDS,
    REFETCH_SECONDS,
    REFRESH_SECONDS,
    IssuerKeys,
)
from risksentinel.errors import Unauthenticated, Unavailable
from tests.adapters.oidc.signing import FIRST, ISSUER, SECOND, Issuer


@dataclass
class Bench:
    """Cached keys of an issuer, with a clock that the test sets."""

    issuer: Issuer = field(default_factory=Issuer)
    tick: float = 1000.0

    def __post_init__(self) -> None:
        self.keys = IssuerKeys(ISSUER, lambda: self.tick, self.issuer.get)


def test_keys_are_fetched_once_for_many_tokens() -> None:
    """A request must not wait for the issuer."""
    bench = Bench()

    for _ in range(5):
        assert bench.keys.key("first").kid == "first"
    assert bench.issuer.fetched == 1


def test_a_new_key_of_the_issuer_works_at_once() -> None:
    """An issuer rotates its keys without notice."""
    bench = Bench()
    bench.keys.key("first")
    bench.issuer.keys = [FIRST, SECOND]
    bench.tick += REFETCH_SECONDS

    assert bench.keys.key("second").kid == "second"


def test_unknown_key_ids_cause_one_fetch_in_thirty_seconds() -> None:
    """Forged key ids must not turn RiskSentinel into a load on the issuer."""
    bench = Bench()
    bench.keys.key("first")
    bench.tick += REFETCH_SECONDS

    for number in range(20):
        with pytest.raises(Unauthenticated):
            bench.keys.key(f"forged-{number}")
    assert bench.issuer.fetched == 2


def test_a_withdrawn_key_is_refused_after_the_next_refresh() -> None:
    """An issuer withdraws a key that was stolen."""
    bench = Bench(Issuer(keys=[FIRST, SECOND]))
    bench.keys.key("second")
    bench.issuer.keys = [FIRST]
    bench.tick += REFRESH_SECONDS

    with pytest.raises(Unauthenticated):
        bench.keys.key("second")


def test_cached_keys_work_while_the_issuer_is_down() -> None:
    """An outage of the issuer must not stop payments."""
    bench = Bench()
    bench.keys.key("first")
    bench.issuer.down = True

    for after in (REFRESH_SECONDS, MAX_AGE_SECONDS - 1):
        bench.tick = 1000.0 + after
        assert bench.keys.key("first").kid == "first"
        with pytest.raises(Unauthenticated):
            bench.keys.key("second")


def test_keys_that_are_a_day_old_are_not_used() -> None:
    """After a day without an answer nothing says that a key was not withdrawn."""
    bench = Bench()
    bench.keys.key("first")
    bench.issuer.down = True
    bench.tick += MAX_AGE_SECONDS

    with pytest.raises(Unavailable):
        bench.keys.key("first")


def test_without_keys_a_down_issuer_is_unavailable_not_open() -> None:
    """Nothing is known about the token: neither 200 nor 401 is true."""
    bench = Bench(Issuer(down=True))

    for _ in range(3):
        with pytest.raises(Unavailable):
            bench.keys.key("first")
    bench.issuer.down = False
    bench.tick += REFETCH_SECONDS
    assert bench.keys.key("first").kid == "first"


def test_concurrent_first_requests_fetch_once() -> None:
    """A cold start under load asks the issuer once."""
    bench, barrier = Bench(), Barrier(8)

    def ask() -> None:
        barrier.wait()
        bench.keys.key("first")

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert bench.issuer.fetched == 1
