"""Kleene's logic: true, false and None for unknown. An unknown part decides nothing."""

from collections.abc import Sequence

from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Test


def all_of(tests: Sequence[Test]) -> Test:
    """False where one part is false, else unknown where one is, else true."""

    def test(observation: Observation) -> bool | None:
        answer: bool | None = True
        for part in tests:
            holds = part(observation)
            if holds is False:
                return False
            if holds is None:
                answer = None
        return answer

    return test


def any_of(tests: Sequence[Test]) -> Test:
    """True where one part is true, else unknown where one is, else false."""

    def test(observation: Observation) -> bool | None:
        answer: bool | None = False
        for part in tests:
            holds = part(observation)
            if holds:
                return True
            if holds is None:
                answer = None
        return answer

    return test


def negation(part: Test) -> Test:
    """True and false change places; unknown stays unknown."""

    def test(observation: Observation) -> bool | None:
        holds = part(observation)
        return None if holds is None else not holds

    return test
