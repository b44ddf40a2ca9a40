from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.scenarios.format import Expect
from infra.scenarios.judge import EXPECTATIONS, violations
from tests.infra.scenarios.drafts import answers

# expectation, value, decisions that meet it, decisions that do not
DECISIONS = [
    ("all", "review", "rdr", "rar"),
    ("all", "decline", "ddd", "drd"),
    ("review_by", 2, "arrd", "aara"),
    ("review_by", 3, "aar", "rra"),
    ("decline_by", 2, "rdd", "ddr"),
    ("review_once_by", 2, "ara", "aar"),
    ("never", "review", "aaa", "ara"),
    ("never", "decline", "arr", "ard"),
    ("at_most", 0, "aaa", "aad"),
    ("at_most", 1, "ara", "rad"),
]
REPORTS = [
    ("reports", ["CTR"], {"CTR", "IFTR"}, {"IFTR"}),
    ("reports", ["CTR", "IFTR"], {"CTR", "IFTR"}, {"CTR"}),
    ("reports", ["CTR"], {"CTR"}, None),
    ("no_reports", True, set(), {"CTR"}),
    ("no_reports", True, set(), None),
]
letters = st.text("ard", min_size=1, max_size=12)


def expect(name: str, value: Any) -> Expect:  # noqa: ANN401 - any JSON
    """One expectation."""
    return Expect.model_validate({name: value})


@pytest.mark.parametrize(("name", "value", "good", "bad"), DECISIONS)
def test_an_expectation_of_decisions_can_be_met_and_violated(
    name: str, value: object, good: str, bad: str
) -> None:
    """Each expectation of decisions can be met and violated."""
    assert violations(expect(name, value), answers(good)) == []
    assert len(violations(expect(name, value), answers(bad))) == 1


@pytest.mark.parametrize(("name", "value", "good", "bad"), REPORTS)
def test_an_expectation_of_reports_can_be_met_and_violated(
    name: str, value: object, good: set[str], bad: set[str] | None
) -> None:
    """A response without `reports` does not meet the expectation of no report."""
    wrong = answers("ara", reports=None if bad is None else frozenset(bad))

    assert violations(expect(name, value), answers("ara", reports=frozenset(good))) == []
    assert len(violations(expect(name, value), wrong)) == 1


def test_an_expectation_of_no_alert_can_be_met_and_violated() -> None:
    """A statutory report is not an alert."""
    assert violations(expect("no_alerts", value=True), answers("aa")) == []
    assert len(violations(expect("no_alerts", value=True), answers("aa", alert_id="1"))) == 1


def test_every_expectation_has_a_check_and_a_violated_example() -> None:
    """The registry and the format have the same expectations."""
    shown = {name for name, *_ in DECISIONS} | {name for name, *_ in REPORTS} | {"no_alerts"}

    assert set(EXPECTATIONS) == set(Expect.model_fields) == shown


def test_each_violation_is_one_sentence_with_the_counts() -> None:
    """The text of a violation has the decisions of the engine."""
    both = Expect.model_validate({"never": "decline", "at_most": 1})

    tally = "1 approve, 1 review, 1 decline (first: approve review decline)"
    assert violations(both, answers("ard")) == [
        f"none may be decline or worse: {tally}",
        f"at most 1 may be stopped, but 2 are: {tally}",
    ]


@given(letters)
def test_all_and_never_have_the_same_limit(decisions: str) -> None:
    """`all` and `never` use the same limit between decisions."""
    one = answers(decisions[:1])

    assert bool(violations(expect("all", "review"), one)) != bool(
        violations(expect("never", "review"), one)
    )


@given(letters)
def test_review_by_1_is_all(decisions: str) -> None:
    """review_by 1 is the same as all."""
    given_answers = answers(decisions)

    by, whole = expect("review_by", 1), expect("all", "review")
    assert bool(violations(by, given_answers)) == bool(violations(whole, given_answers))
