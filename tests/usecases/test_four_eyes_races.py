"""Decisions that race: the database lets one through, and its change is made once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.proposal import ProposalKind, ProposalStatus
from risksentinel.errors import Conflict, Rejected
from tests.adapters.sql.emptied import emptied
from tests.usecases.four_eyes import RULE, Bench, bench, of_rule

ROUNDS = 8


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def cases(engine: Engine) -> Bench:
    """The use cases, with one rule in force."""
    cases = bench(emptied(engine))
    cases.write_rule.create(RULE, "seed", "r-1")
    return cases


def at_once(*calls: Callable[[], object]) -> list[bool]:
    """Make the calls in threads at the same time; whether each succeeded."""
    start = Barrier(len(calls))

    def made(call: Callable[[], object]) -> bool:
        start.wait(10)
        try:
            call()
        except Rejected:
            return False
        return True

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(made, calls))


def actions(engine: Engine) -> list[str]:
    """The actions in the audit log, in order."""
    with reading(engine) as connection:
        return list(connection.scalars(select(audit_log.c.action).order_by(audit_log.c.id)))


def proposed(cases: Bench, weight: float = 0.9) -> str:
    """The id of a proposal on the rule."""
    change: dict[str, Any] = {"weight": weight}
    return cases.propose(of_rule(ProposalKind.RULE_PATCH, "r-1", change), "mallory").id


def test_of_two_approvals_one_applies(cases: Bench) -> None:
    """Two managers press the button at the same moment."""
    for number in range(ROUNDS):
        proposal = proposed(cases, 0.6 + number / 100)

        done = at_once(*(partial(cases.decide.approve, proposal, name) for name in ("a", "b", "c")))

        assert sorted(done) == [False, False, True]
    assert SqlRuleRecords(cases.engine).rule("r-1").version == 1 + ROUNDS
    assert actions(cases.engine).count("proposal.approved") == ROUNDS
    assert actions(cases.engine).count("rule.patched") == ROUNDS


def test_of_an_approval_and_a_refusal_one_counts(cases: Bench) -> None:
    """A refused change must not be in force, nor an approved one be missing."""
    for number in range(ROUNDS):
        proposal, weight = proposed(cases, 0.6 + number / 100), 0.6 + number / 100

        done = at_once(
            partial(cases.decide.approve, proposal, "a"),
            partial(cases.decide.refuse, proposal, "b", "why"),
        )

        status = cases.records.proposal(proposal).status
        in_force = cases.in_force()["rules"]["r-1"]["weight"] == weight
        assert sorted(done) == [False, True]
        assert in_force is (status is ProposalStatus.APPROVED)


def test_an_emergency_stop_is_never_undone_by_an_approval(cases: Bench) -> None:
    """The approver saw an active rule; whatever comes first, the rule is stopped in the end."""
    for _ in range(ROUNDS):
        proposal = proposed(cases)

        at_once(
            partial(cases.decide.approve, proposal, "a"),
            lambda: cases.write_rule.stop("r-1", "an emergency", "b"),
        )

        assert not SqlRuleRecords(cases.engine).rule("r-1").active
        cases.write_rule.patch("r-1", {"active": True, "weight": 0.5}, None, "seed")


def test_an_approval_after_a_stop_is_stale(cases: Bench) -> None:
    """To start the rule again is a decision of its own."""
    proposal = proposed(cases)
    cases.write_rule.stop("r-1", "an emergency", "b")

    with pytest.raises(Conflict):
        cases.decide.approve(proposal, "a")

    assert cases.records.proposal(proposal).status is ProposalStatus.STALE
    assert actions(cases.engine)[-1] == "proposal.stale"
