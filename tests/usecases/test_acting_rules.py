"""What a rule's action leads to beside the decision: alerts, the audit, the habits."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from risksentinel.domain.verdict import Decision
from risksentinel.events.sources import SCORE
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.score_transactions import ScoreTransactions
from tests.fakes.scoring import FixedRules, SwitchedHistory
from tests.stores import Store
from tests.strategies import NOW
from tests.usecases.payments import paid


def acting(*actions: str) -> tuple[Rule, ...]:
    """Rules without weight that always fire."""
    return tuple(
        parse_rule(
            {
                "name": f"always {action}",
                "condition": {"field": "amount_zar", "operator": "gte", "value": 0},
                "weight": 0,
                "severity": "critical",
                "action": action,
            },
            rule_id=action,
            version=1,
            created_at=NOW,
            updated_at=NOW,
        )
        for action in actions
    )


Scored = Callable[..., StoredVerdict]


@pytest.fixture
def scored(score: ScoreTransactions) -> Scored:
    """One payment of R100 under these rules alone."""

    def under(*actions: str) -> StoredVerdict:
        scoring = replace(score.decide.scoring, rules=FixedRules(acting(*actions)))
        use_case = replace(score, decide=DecidePayments(scoring))
        (answer,) = use_case([paid("t1")], SCORE, {})
        assert isinstance(answer, StoredVerdict)
        return answer

    return under


@pytest.mark.parametrize(
    ("actions", "decision", "raised"),
    [
        (["flag"], Decision.APPROVE, False),
        (["review"], Decision.REVIEW, True),
        (["decline"], Decision.DECLINE, True),
        (["approve"], Decision.APPROVE, False),
        (["review", "approve"], Decision.APPROVE, False),
        (["decline", "approve"], Decision.DECLINE, True),
    ],
)
def test_a_rule_that_stops_a_payment_raises_an_alert(
    memory: Store,
    scored: Scored,
    actions: list[str],
    decision: Decision,
    raised: bool,  # noqa: FBT001 - a case
) -> None:
    """A review without an alert would never be done; an approved payment needs no alert."""
    answer = scored(*actions)

    assert answer.scored.verdict.decision is decision
    assert (answer.alert_id is not None) is raised
    assert [alert.transaction_id for alert in memory.alerts()] == (["t1"] if raised else [])


@pytest.mark.parametrize(
    ("actions", "by"), [(["review", "approve"], "approve@1"), (["review"], None)]
)
def test_the_audit_says_which_rule_approved(
    memory: Store, scored: Scored, actions: list[str], by: str | None
) -> None:
    """An insider could misuse an allow list: every use of it is in the audit log."""
    scored(*actions)

    (entry,) = memory.audit()
    assert entry.details["approved_by"] == by


@pytest.mark.parametrize(("action", "habits"), [("review", 0), ("decline", 0), ("approve", 1)])
def test_only_what_is_approved_is_a_habit(
    scored: Scored, history: SwitchedHistory, action: str, habits: int
) -> None:
    """A stopped payment must not look familiar the next time."""
    scored(action)

    (snapshot,) = history.record([paid("t2")])

    assert snapshot.sender.payments == habits
    assert snapshot.paid.window(300).count == 2
