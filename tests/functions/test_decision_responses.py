"""The dicts of the hot routes against their response model."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.decision_responses import DecisionResponse, decided, waiting
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.domain.verdict import Scored
from risksentinel.ports.stored_payment import StoredVerdict
from risksentinel.scoring.facts import Facts
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.score import score
from risksentinel.text import strict_json
from tests.strategies import NOW, transactions


def assert_is_a_decision_response(members: dict[str, Any]) -> None:
    """The model accepts the members, changes none of them, and has no others."""
    response = DecisionResponse.model_validate(members)

    assert strict_json.encode(response.model_dump()) == strict_json.encode(members)


@given(transactions, st.none() | st.just("alert-1"))
def test_a_scored_payment_is_answered_as_documented(
    payment: Transaction, alert_id: str | None
) -> None:
    """Clients are generated from the model; the route serializes a dict because of its cost."""
    silent = Silent("unavailable")
    scored = Scored(payment, score(Facts(payment, silent, silent), Policy(), NOW))

    assert_is_a_decision_response(decided(StoredVerdict(scored, alert_id)))


@given(transactions)
def test_a_waiting_payment_is_answered_as_documented(payment: Transaction) -> None:
    """A client reads the same members with and without a score."""
    assert_is_a_decision_response(waiting(payment))
