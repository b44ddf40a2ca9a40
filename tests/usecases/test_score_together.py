"""Concurrent requests are scored as one batch, and each gets its own answers."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.errors import Conflict, Malformed, Unavailable
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.usecases import score_together
from risksentinel.usecases.score_together import MAX_JOINING
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.usecases.payments import paid
from tests.usecases.together_bench import SOURCE, Scorer, queued, together, wait_for


def test_requests_that_wait_are_one_batch() -> None:
    """One commit for all of them."""
    scorer = Scorer()
    with queued(together(scorer), scorer, ["a", "b", "c"]) as futures:
        pass

    assert scorer.batches == [["first"], ["a", "b", "c"]]
    assert [one.result() for one in futures] == [["first"], ["a"], ["b"], ["c"]]


def test_a_request_alone_does_not_wait() -> None:
    """A batch never waits for more requests."""
    scorer = Scorer()
    scorer.gate.set()
    score = together(scorer)

    for n in range(3):
        score([paid(f"p{n}")], SOURCE, {})
    assert scorer.batches == [["p0"], ["p1"], ["p2"]]


def test_a_large_request_is_a_batch_of_its_own() -> None:
    """A single payment must not wait for an import."""
    scorer = Scorer()
    large = [paid(f"p{n}") for n in range(MAX_JOINING + 1)]
    with queued(score := together(scorer), scorer, ["a"]), ThreadPoolExecutor(1) as threads:
        future = threads.submit(score, large, SOURCE, {})
        deadline = monotonic() + 10
        while len(scorer.batches) < 2:
            assert monotonic() < deadline
            sleep(0.001)
        scorer.gate.set()
        future.result()

    assert sorted(map(len, scorer.batches)) == [1, 1, MAX_JOINING + 1]


def test_large_requests_are_scored_one_after_the_other() -> None:
    """Two at the same time end later than one after the other, and need the memory of both."""
    scorer = Scorer()
    score = together(scorer)
    many = [[paid(f"p{of}-{n}") for n in range(MAX_JOINING + 1)] for of in range(6)]

    with ThreadPoolExecutor(6) as threads:
        futures = [threads.submit(score, batch, SOURCE, {}) for batch in many]
        sleep(0.2)
        scored_at_first = len(scorer.batches)
        scorer.gate.set()
        answers: list[Any] = [future.result() for future in futures]

    assert scored_at_first == 1
    assert answers == [[payment.id for payment in batch] for batch in many]


def test_a_payment_that_cannot_be_stored_fails_alone() -> None:
    """The other requests of its batch are not at fault."""
    scorer = Scorer(poison="b")
    with queued(together(scorer), scorer, ["a", "b", "c"]) as futures:
        pass

    assert [futures[n].result() for n in (0, 1, 3)] == [["first"], ["a"], ["c"]]
    with pytest.raises(Malformed):
        futures[2].result()


def test_an_outage_is_the_error_of_each_request() -> None:
    """Each request may then use its fallback."""
    scorer = Scorer(error=Unavailable("database"))
    with queued(together(scorer), scorer, ["a", "b"]) as futures:
        pass

    assert scorer.batches == [["first"], ["a", "b"]]
    for one in futures:
        with pytest.raises(Unavailable):
            one.result()


def test_requests_that_waited_long_do_not_wait_for_a_second_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise a request waits for the timeout of the database twice."""
    monkeypatch.setattr(score_together, "MAX_WAIT_SECONDS", 0.0)
    scorer = Scorer(error=Unavailable("database"))
    with queued(together(scorer), scorer, ["a", "b"]) as futures:
        pass

    assert scorer.batches == [["first"]]
    for one in futures:
        with pytest.raises(Unavailable):
            one.result()


@settings(max_examples=20, deadline=None)
@given(at_once=st.integers(1, 3), requests=st.integers(1, 40))
def test_every_request_gets_its_own_answer_once(at_once: int, requests: int) -> None:
    """Whatever the threads do, no payment is scored twice and none is forgotten."""
    scorer = Scorer()
    scorer.gate.set()
    score = together(scorer, at_once)

    with ThreadPoolExecutor(16) as threads:
        answers: list[Any] = list(
            threads.map(lambda n: score([paid(f"p{n}")], SOURCE, {}), range(requests))
        )

    assert answers == [[f"p{n}"] for n in range(requests)]
    assert sorted(name for batch in scorer.batches for name in batch) == sorted(
        f"p{n}" for n in range(requests)
    )
    assert scorer.most_at_once <= at_once
    assert score._free == at_once  # noqa: SLF001 - a lost turn would stop every later request


def test_the_same_id_in_two_requests_is_scored_once(score: ScoreTransactions) -> None:
    """The second request gets the verdict of the first; another payment gets a conflict."""
    payments = [paid("p", "10.00"), paid("p", "10.00"), paid("p", "11.00")]
    started, gate = Event(), Event()

    class Slow:
        def __call__(self, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - as ScoreTransactions
            if not started.is_set():
                started.set()
                gate.wait(10)
            return score(*given, **more)

    use_case = together(Slow())
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(use_case, [paid("other")], SOURCE, {})
        started.wait(10)
        futures = []
        for place, payment in enumerate(payments, 1):
            futures.append(threads.submit(use_case, [payment], SOURCE, {}))
            wait_for(place, use_case)
        gate.set()
        first.result()
    answers = [future.result()[0] for future in futures]

    assert isinstance(answers[0], StoredVerdict)
    assert isinstance(answers[1], StoredVerdict)
    assert isinstance(answers[2], Conflict)
    assert (answers[0].created, answers[1].created) == (True, False)
    assert answers[0].scored == answers[1].scored
