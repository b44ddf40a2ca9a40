"""Three-valued logic (Kleene): True, False, and None for unknown.

Constant parts of a conjunction or disjunction are evaluated when the test is built.
"""

from collections.abc import Sequence

from risksentinel.rules.observation import Observation
from risksentinel.rules.rule import Test


def always_true(_observation: Observation) -> bool | None:
    """The constant test True."""
    return True


def always_false(_observation: Observation) -> bool | None:
    """The constant test False."""
    return False


def always_unknown(_observation: Observation) -> bool | None:
    """The constant test None."""
    return None


def always(answer: bool | None) -> Test:  # noqa: FBT001 - a truth value
    """Return the constant test with this answer."""
    if answer is None:
        return always_unknown
    return always_true if answer else always_false


def all_of(tests: Sequence[Test]) -> Test:
    """Return a test: False if a part is false, else None if a part is unknown, else True."""
    if always_false in tests:
        return always_false
    open_tests = [test for test in tests if test is not always_true]
    if len(open_tests) < 2:  # noqa: PLR2004 - nothing to join
        return open_tests[0] if open_tests else always_true

    def test(observation: Observation) -> bool | None:
        answer: bool | None = True
        for part in open_tests:
            holds = part(observation)
            if holds is False:
                return False
            if holds is None:
                answer = None
        return answer

    return test


def any_of(tests: Sequence[Test]) -> Test:
    """Return a test: True if a part is true, else None if a part is unknown, else False."""
    if always_true in tests:
        return always_true
    open_tests = [test for test in tests if test is not always_false]
    if len(open_tests) < 2:  # noqa: PLR2004 - nothing to join
        return open_tests[0] if open_tests else always_false

    def test(observation: Observation) -> bool | None:
        answer: bool | None = False
        for part in open_tests:
            holds = part(observation)
            if holds:
                return True
            if holds is None:
                answer = None
        return answer

    return test


def negation(part: Test) -> Test:
    """Return a test that negates True and False; None stays None."""
    if part in {always_true, always_false}:
        return always_false if part is always_true else always_true

    def test(observation: Observation) -> bool | None:
        holds = part(observation)
        return None if holds is None else not holds

    return test
