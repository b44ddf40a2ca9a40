"""A request that waits to be scored with others is refused at its deadline."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.deadline import decide_by
from risksentinel.errors import Late
from risksentinel.usecases.score_together import MAX_JOINING
from tests.usecases.payments import paid
from tests.usecases.together_bench import SOURCE, Scorer, queued, together


def test_a_request_in_the_queue_is_refused_at_its_deadline() -> None:
    """Nothing of it was stored, and the client may send it again."""
    scorer = Scorer()
    score = together(scorer)
    with queued(score, scorer, []) as futures:
        began = monotonic()
        with decide_by(began, 0.1), pytest.raises(Late):
            score([paid("late")], SOURCE, {})
        took = monotonic() - began

    assert took < 5
    assert futures[0].result() == ["first"]
    assert scorer.batches == [["first"]]
    assert [*score([paid("next")], SOURCE, {})] == ["next"]  # type: ignore[comparison-overlap]


def test_a_large_request_that_waits_for_another_is_refused_at_its_deadline() -> None:
    """And the next one is scored, because no request holds the turn."""
    scorer = Scorer()
    score = together(scorer)
    large = [[paid(f"p{of}-{n}") for n in range(MAX_JOINING + 1)] for of in range(3)]
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(score, large[0], SOURCE, {})
        while not scorer.batches:
            sleep(0.001)
        with decide_by(monotonic(), 0.1), pytest.raises(Late):
            score(large[1], SOURCE, {})
        scorer.gate.set()
        first.result()

    score(large[2], SOURCE, {})

    assert [batch[0] for batch in scorer.batches] == ["p0-0", "p2-0"]


@settings(max_examples=15, deadline=None)
@given(
    waits=st.lists(st.sampled_from([0.001, 0.003, 0.01, 10.0]), min_size=2, max_size=24),
    pause=st.sampled_from([0.0, 0.002, 0.005]),
)
def test_deadlines_neither_lose_a_turn_nor_mix_answers(waits: list[float], pause: float) -> None:
    """A request that gives up may be the one whose turn comes at that moment."""
    scorer = Scorer()
    scorer.gate.set()

    def slow(*given: Any, **more: Any) -> Any:  # noqa: ANN401 - as the fake
        sleep(pause)
        return scorer(*given, **more)

    score = together(slow)

    def one(number: int) -> object:
        try:
            with decide_by(monotonic(), waits[number]):
                return score([paid(f"p{number}")], SOURCE, {})
        except Late:
            return "late"

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(one, range(len(waits))))

    for number, answer in enumerate(answers):
        assert answer in ([f"p{number}"], "late")
        assert answer != "late" or waits[number] < 10
    assert score._free == 1  # noqa: SLF001 - a lost turn would stop every later request
    assert not score._queue  # noqa: SLF001 - nothing waits for ever
