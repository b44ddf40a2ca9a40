"""A policy without approval is not used, and each change of the policy is recorded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.proposals import SqlProposalLedger
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.errors import Conflict, Misconfigured
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_document import digest_of, policy_document, setting_of
from risksentinel.settings import Settings
from risksentinel.usecases.follow_policy import LIVE
from risksentinel.usecases.require_policy import ROLLOUT, RequirePolicy
from tests.adapters.sql.emptied import emptied
from tests.usecases.four_eyes import NOW, Bench, bench

FIRST, SECOND = Policy(), Policy(high=Decimal("0.65"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def cases(shared: Engine) -> Bench:
    """The use cases on an empty database."""
    return bench(emptied(shared))


def require(cases: Bench, at: datetime = NOW, *, needs_approval: bool = True) -> RequirePolicy:
    """The use case at this time."""
    ledger = SqlProposalLedger(SqlLedger(cases.engine))
    return RequirePolicy(ledger, lambda: at, cases.propose.new_id, needs_approval)


def recorded(cases: Bench) -> list[tuple[str, str]]:
    """The audit entries of stated policies: action and digest, in order."""
    query = select(audit_log.c.action, audit_log.c.subject_id).order_by(audit_log.c.id)
    with reading(cases.engine) as connection:
        rows = connection.execute(
            query.where(audit_log.c.subject_kind == "policy", audit_log.c.action != LIVE)
        ).all()
    return [(row[0], row[1]) for row in rows]


def digest(policy: Policy) -> str:
    """The digest of the policy."""
    return digest_of(policy_document(policy))


def approved(cases: Bench, policy: Policy) -> str:
    """The id of an approved proposal."""
    proposal = require(cases).propose(policy, "operator:thandi")
    return cases.decide.approve(proposal.id, "sipho").id


def test_the_first_policy_needs_no_approval_and_is_recorded_once(cases: Bench) -> None:
    """A new installation must start."""
    for _ in range(3):
        require(cases)(FIRST)

    assert recorded(cases) == [("policy.in_force", digest(FIRST))]


def test_a_changed_policy_starts_only_after_its_approval(cases: Bench) -> None:
    """An operator that deploys could raise the threshold above every score."""
    require(cases)(FIRST)
    with pytest.raises(Misconfigured, match="risksentinel policy propose"):
        require(cases)(SECOND)

    proposal = approved(cases, SECOND)
    require(cases)(SECOND)

    assert recorded(cases)[-1] == ("policy.in_force", digest(SECOND))
    assert cases.records.proposal(proposal).in_force_at == NOW


def test_a_proposal_alone_starts_nothing(cases: Bench) -> None:
    """The proposer is one person."""
    require(cases)(FIRST)
    require(cases).propose(SECOND, "operator:thandi")

    with pytest.raises(Misconfigured):
        require(cases)(SECOND)


def test_a_policy_from_before_the_rollout_starts_for_ten_minutes(cases: Bench) -> None:
    """A pod of the old revision that wakes during the rollout must serve its payment."""
    require(cases)(FIRST)
    approved(cases, SECOND)
    require(cases)(SECOND)

    require(cases, NOW + ROLLOUT - timedelta(seconds=1))(FIRST)
    assert recorded(cases)[-1] == ("policy.still_in_use", digest(FIRST))
    with pytest.raises(Misconfigured):
        require(cases, NOW + ROLLOUT)(FIRST)


def test_an_approval_is_used_once_and_on_the_policy_it_was_made_on(cases: Bench) -> None:
    """An old approval does not bring an old policy back."""
    third = replace(SECOND, critical=Decimal("0.95"))
    require(cases)(FIRST)
    approved(cases, third)
    approved(cases, SECOND)
    require(cases)(SECOND)

    with pytest.raises(Misconfigured):
        require(cases)(third)


def test_without_four_eyes_a_change_is_recorded(cases: Bench) -> None:
    """The ledger shows by which thresholds payments were decided."""
    for policy in (FIRST, SECOND, FIRST):
        require(cases, needs_approval=False)(policy)

    assert [name for _, name in recorded(cases)] == list(map(digest, (FIRST, SECOND, FIRST)))
    with pytest.raises(Conflict):
        require(cases, needs_approval=False).propose(SECOND, "operator:thandi")


def test_the_digest_does_not_depend_on_how_a_number_is_written() -> None:
    """0.7 and 0.70 are one threshold; every other change counts."""
    assert digest(Policy(high=Decimal("0.70"))) == digest(FIRST)
    assert digest(Policy(code="other")) == digest(FIRST)
    assert digest(Policy(escalate_strong_signals=None)) != digest(FIRST)
    assert digest(Policy(escalate_amount_ceilings={"atm": Decimal(1)})) != digest(FIRST)


def test_a_refusal_and_an_audit_entry_name_the_settings_that_differ(cases: Bench) -> None:
    """The operator sets environment variables, and the auditor asks what was changed by whom."""
    require(cases)(FIRST)
    with pytest.raises(Misconfigured, match=r"^RISK_SCORE_HIGH differ"):
        require(cases)(SECOND)
    proposal = approved(cases, SECOND)
    require(cases)(SECOND)

    query = select(audit_log.c.details).where(audit_log.c.action == "policy.in_force")
    with reading(cases.engine) as connection:
        details = connection.execute(query.order_by(audit_log.c.id)).scalars().all()[-1]
    assert details["changes"] == {"RISK_SCORE_HIGH": {"before": "0.7", "after": "0.65"}}
    assert (details["proposal"], details["proposed_by"], details["approved_by"]) == (
        proposal,
        "operator:thandi",
        "sipho",
    )


@pytest.mark.parametrize("name", policy_document(FIRST))
def test_each_value_of_a_policy_has_a_setting(name: str) -> None:
    """An operator must find the setting that the message names."""
    assert setting_of(name).lower() in Settings.model_fields
