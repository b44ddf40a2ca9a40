"""Three-valued logic (Kleene): True, False, and None for unknown."""

from collections.abc import Sequence

from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Test


def all_of(tests: Sequence[Test]) -> Test:
    """Return a test: False if a part is false, else None if a part is unknown, else True."""

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
    """Return a test: True if a part is true, else None if a part is unknown, else False."""

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
    """Return a test that negates True and False; None stays None."""

    def test(observation: Observation) -> bool | None:
        holds = part(observation)
        return None if holds is None else not holds

    return test
