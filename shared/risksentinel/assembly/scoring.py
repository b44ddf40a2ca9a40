"""The use case that scores payments, and the health checks of what it reads."""

from collections.abc import Mapping

from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger import ledger
from risksentinel.assembly.model import model_checks, timed_model
from risksentinel.assembly.named_lists import list_book
from risksentinel.assembly.policy import check_policy
from risksentinel.assembly.revisions import revisions
from risksentinel.assembly.rules import own_policy, rule_book, rule_checks
from risksentinel.assembly.shadow import shadow
from risksentinel.http.health import Check
from risksentinel.ports.environment import Meter
from risksentinel.ports.history import RebuildableHistory
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.score_transactions import ScoreTransactions


def score_transactions(
    container: Container, meter: Meter, history: RebuildableHistory, *, never_late: bool = False
) -> ScoreTransactions:
    """The use case that scores a batch of payments and stores the verdicts.

    With `never_late` no payment is reviewed because of its date.

    Raises:
        Misconfigured: the policy is not in force, and its change is not approved.
    """
    check_policy(container)
    scoring = Scoring(
        rule_book(container),
        history,
        timed_model(container),
        own_policy(container),
        meter,
        list_book(container),
    )
    return ScoreTransactions(
        DecidePayments(scoring, never_late),
        ledger(container),
        container.clock,
        container.new_id,
        shadow(container),
        revisions(container, scoring, history),
    )


def scoring_checks(container: Container, history: RebuildableHistory) -> Mapping[str, Check]:
    """The optional checks: if one fails, payments are scored with fewer signals."""
    return {**rule_checks(container), "history": history.check, **model_checks(container)}
