"""A payment is decided within its deadline while a real server is stopped, and again after it."""

import json
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Any

import pytest
import urllib3

from infra.bench.deadline import Bench, deadline_bench, frozen, locked, sent, stalled_model
from tests.timing import assert_within, in_time

DEADLINE_MS = 1_500
WITHIN = DEADLINE_MS / 1000 + 1.0  # this machine may be busy
pytestmark = [pytest.mark.flow, pytest.mark.needs_server]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """An engine on PostgreSQL and Redis of its own."""
    with deadline_bench(DEADLINE_MS) as running:
        assert {each.status for each in sent(running.port, "warm", 20, 20)} == {201}
        yield running


def got(bench: Bench, path: str) -> dict[str, Any]:
    """The JSON at this path."""
    answer = urllib3.request("GET", f"http://127.0.0.1:{bench.port}/api/v1/{path}", timeout=30)
    assert answer.status == 200, answer.data
    found: dict[str, Any] = json.loads(answer.data)
    return found


@in_time
def test_a_stopped_redis_is_late_and_its_payments_are_decided_again(bench: Bench) -> None:
    """The receipt says what was missing; the second decision stands beside the first."""
    with frozen(bench.redis):
        answers = sent(bench.port, "redis", 12, 10)
        receipt = got(bench, "transactions/redis-0/score")
        listed = got(bench, "revisions?state=waiting")["items"]
    until = monotonic() + 60
    while got(bench, "revisions?state=waiting")["items"]:
        assert monotonic() < until
        sleep(0.2)
    revised = {each["transaction_id"]: each for each in got(bench, "revisions?limit=200")["items"]}

    assert {each.status for each in answers} == {201}
    assert receipt["signals"]["velocity"]["status"] in {"late", "missing"}
    assert receipt["decided_without"] == ["history"]
    assert {f"redis-{n}" for n in range(12)} <= {each["transaction_id"] for each in listed}
    for n in range(12):
        mine = revised[f"redis-{n}"]
        assert mine["state"] in {"confirmed", "milder", "graver"}
        assert mine["first"]["decision"] == got(bench, f"transactions/redis-{n}")["decision"]
        assert mine["second"] is not None
    assert got(bench, "transactions/redis-0/score") == receipt
    assert_within(max(each.seconds for each in answers), WITHIN)


@in_time
def test_a_stalled_model_delays_no_payment(bench: Bench) -> None:
    """Its runs cannot be stopped, and no payment waits for them."""
    with stalled_model(bench.flag):
        answers = sent(bench.port, "model", 8, 4)

    assert {each.status for each in answers} == {201}
    assert_within(max(each.seconds for each in answers), WITHIN)


@in_time
def test_with_a_locked_rule_book_the_last_rules_decide(bench: Bench) -> None:
    """A migration that locks a table must stop no payment."""
    with locked(bench.postgres, "rule_book", "fraud_rules", "lists"):
        answers = sent(bench.port, "rules", 12, 6)
        receipt = got(bench, "transactions/rules-11/score")

    assert {each.status for each in answers} == {201}
    assert receipt["signals"]["rules"]["details"]["evaluated"] > 20
    assert_within(max(each.seconds for each in answers), WITHIN)


@in_time
def test_a_payment_that_cannot_be_stored_is_refused_in_time_and_scored_once_later(
    bench: Bench,
) -> None:
    """503 says that the same payment may be sent again."""
    with frozen(bench.postgres):
        refused = sent(bench.port, "database", 8, 8)
    again = sent(bench.port, "database", 8, 8)

    assert {each.status for each in refused} == {503}
    assert {each.status for each in again} <= {200, 201}
    assert_within(max(each.seconds for each in refused), WITHIN)
