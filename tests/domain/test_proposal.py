"""A proposal is decided once, by another person than its proposer."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.domain.proposal import (
    MAX_REASON,
    Proposal,
    ProposalKind,
    ProposalStatus,
    same_person,
)
from risksentinel.errors import Conflict, Forbidden, Malformed, RiskSentinelError

NOW = datetime(2026, 5, 1, tzinfo=UTC)
NAMES = st.sampled_from(["thandi", "Thandi", "key:thandi", "operator:thandi", "sipho", "key:x"])
DECISIONS = st.sampled_from([each for each in ProposalStatus if each is not ProposalStatus.PENDING])


def pending(proposer: str = "thandi") -> Proposal:
    """A new proposal."""
    return Proposal(
        id="p-1",
        kind=ProposalKind.RULE_CREATE,
        subject="r-1",
        change={},
        based_on=None,
        before=None,
        after={},
        proposed_by=proposer,
        proposed_at=NOW,
    )


@given(NAMES, NAMES)
def test_no_name_of_the_proposer_approves_or_refuses(proposer: str, decider: str) -> None:
    """One person may have a key and a user of the operating system with the same name."""
    for status in (ProposalStatus.APPROVED, ProposalStatus.REFUSED):
        if same_person(proposer, decider):
            with pytest.raises(Forbidden):
                pending(proposer).decided(status, decider, NOW, "why")
        else:
            assert pending(proposer).decided(status, decider, NOW, "why").decided_by == decider


@given(st.lists(st.tuples(DECISIONS, NAMES, st.sampled_from(["", "why"])), max_size=6))
def test_only_the_first_decision_counts(steps: list[tuple[ProposalStatus, str, str]]) -> None:
    """A refused proposal must not be approved later, nor a decision replaced."""
    proposal = pending()
    for status, decider, reason in steps:
        try:
            after = proposal.decided(status, decider, NOW, reason)
        except RiskSentinelError:
            continue
        assert proposal.status is ProposalStatus.PENDING
        proposal = after


def test_an_approval_is_used_once() -> None:
    """An old approval must not promote a model again."""
    approved = pending().decided(ProposalStatus.APPROVED, "sipho", NOW)

    with pytest.raises(Conflict):
        approved.applied(NOW).applied(NOW)
    with pytest.raises(Conflict):
        pending().applied(NOW)


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_refusal_says_why(reason: str) -> None:
    """The proposer must learn what to change."""
    with pytest.raises(Malformed):
        pending().decided(ProposalStatus.REFUSED, "sipho", NOW, reason)


@pytest.mark.parametrize("reason", ["x" * (MAX_REASON + 1), "a\nb"])
def test_a_reason_is_one_short_line(reason: str) -> None:
    """It is shown in a list, and stored for years."""
    with pytest.raises(Malformed):
        replace(pending(), reason=reason)


def test_only_its_proposer_withdraws() -> None:
    """Another refuses, with a reason."""
    with pytest.raises(Forbidden):
        pending().decided(ProposalStatus.WITHDRAWN, "sipho", NOW)

    withdrawn = pending().decided(ProposalStatus.WITHDRAWN, "thandi", NOW)
    assert withdrawn.status is ProposalStatus.WITHDRAWN


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": ProposalStatus.APPROVED},
        {"decided_by": "sipho"},
        {"in_force_at": NOW},
        {"status": ProposalStatus.APPROVED, "decided_by": "operator:thandi"},
    ],
)
def test_a_wrong_proposal_cannot_exist(wrong: dict[str, object]) -> None:
    """A row that was changed in the database is not read as an approval."""
    with pytest.raises((Conflict, Forbidden)):
        replace(pending(), **wrong)  # type: ignore[arg-type]  # the wrong values are the test
