from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis as Client

from risksentinel.errors import InProgress
from risksentinel.ports.history import Remembered
from tests.adapters.history.histories import FreshRedis, payment
from tests.strategies import NOW


def test_a_payment_that_comes_meanwhile_counts_once(fresh_redis: FreshRedis) -> None:
    """Payments do not stop because the history is rebuilt, and end up in the database too."""
    history = fresh_redis()
    before, meanwhile = payment(), payment()
    history.record([before])

    def kept() -> Iterator[Remembered]:
        history.record([meanwhile])
        yield from map(Remembered, (before, meanwhile))

    history.rebuild(kept())

    assert history.record([payment()])[0].sender.payments == 2


def test_only_one_rebuilds_at_a_time(fresh_redis: FreshRedis) -> None:
    """A job that is started twice would count each payment twice."""
    history = fresh_redis()

    def kept() -> Iterator[Remembered]:
        with pytest.raises(InProgress, match="rebuilt by another process"):
            history.rebuild([])
        yield Remembered(payment())

    assert history.rebuild(kept()) == 1
    assert history.rebuild([]) == 0


def test_who_slept_through_its_lease_stops(redis: FreshRedis, server: Client) -> None:
    """The other one has emptied the history since."""
    history = redis()

    def kept() -> Iterator[Remembered]:
        server.set("rs:rebuild", "another", ex=60)
        yield Remembered(payment())

    with pytest.raises(InProgress):
        history.rebuild(kept())

    server.delete("rs:rebuild")


def test_one_that_fails_can_be_run_again_at_once(redis: FreshRedis) -> None:
    """The database may fail while it is read."""
    history = redis()

    def kept() -> Iterator[Remembered]:
        yield Remembered(payment())
        raise ConnectionError

    with pytest.raises(ConnectionError):
        history.rebuild(kept())

    assert history.rebuild([Remembered(payment())]) == 1


def test_answers_are_kept_for_young_payments_only(redis: FreshRedis, server: Client) -> None:
    """Months of payments must not bring months of answers into memory at once."""
    week = timedelta(days=7)

    redis().rebuild([Remembered(payment(at=at)) for at in (NOW - week, NOW)])

    assert len(list(server.scan_iter("rs:*:paid:*"))) == 1
    assert len(list(server.scan_iter("rs:*:got:*"))) == 1


def test_what_others_keep_there_stays(redis: FreshRedis, server: Client) -> None:
    """A Redis is often shared."""
    server.set("others", "1")

    redis().rebuild([])

    assert server.getdel("others") == b"1"
