from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.history import Snapshot
from risksentinel.domain.signal import Opinion, Reading, Silent
from risksentinel.domain.statutory_report import reports_due
from risksentinel.domain.transaction import Transaction
from risksentinel.rules.rule import Rule
from risksentinel.scoring.facts import NO_MODEL, Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from tests.domain.test_statutory_report import CASH, NEAR_THE_THRESHOLDS
from tests.fakes.scoring import RULES
from tests.strategies import NOW, policies, snapshots

AWAY = Silent("away")
histories = st.just(AWAY) | snapshots
rule_books = st.sampled_from([AWAY, (), RULES])
models = st.sampled_from([NO_MODEL, Reading(0.0, ("usual",), {}), Reading(1.0, ("unusual",), {})])


@given(NEAR_THE_THRESHOLDS, histories, rule_books, models, policies())
@example(CASH, AWAY, AWAY, AWAY, Policy())
def test_reports_depend_on_the_payment_only(
    payment: Transaction,
    history: Snapshot | Silent,
    rules: Sequence[Rule] | Silent,
    model: Opinion,
    policy: Policy,
) -> None:
    """A model, thresholds or an outage must not suppress a required report."""
    verdict = score(Facts(payment, history, rules, model), policy, NOW)

    assert verdict.reports == reports_due(payment)
    assert [each["kind"] for each in verdict.explanation["reports"]] == [
        each.kind for each in verdict.reports
    ]
