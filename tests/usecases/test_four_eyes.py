"""No sequence of calls by one person changes what is in force, except the emergency stop."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.domain.list_csv import drafted
from risksentinel.domain.named_list import EntryDraft
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.errors import Rejected
from risksentinel.ports.proposals import ProposalFilter
from tests.adapters.sql.emptied import emptied
from tests.usecases.four_eyes import RULE, bench

ONE_PERSON = st.sampled_from(["mallory", "key:mallory", "operator:mallory", "Mallory"])
ENTRY = {"value": "acc-1", "reason": "", "expires_at": None}
CHANGES = st.sampled_from(
    [
        ProposedChange(ProposalKind.RULE_CREATE, "", {**RULE, "name": "New"}),
        ProposedChange(ProposalKind.RULE_REPLACE, "r-1", {**RULE, "weight": 1, "floor": 1}),
        ProposedChange(ProposalKind.RULE_PATCH, "r-1", {"weight": 1}),
        ProposedChange(ProposalKind.RULE_PATCH, "r-1", {"active": True}),
        ProposedChange(ProposalKind.RULE_DEACTIVATE, "r-1", {}),
        ProposedChange(ProposalKind.LIST_CREATE, "vip", {"description": ""}),
        ProposedChange(ProposalKind.LIST_DELETE, "mule", {}),
        ProposedChange(ProposalKind.LIST_ENTRY_PUT, "mule", ENTRY),
        ProposedChange(ProposalKind.LIST_ENTRY_REMOVE, "mule", {**ENTRY, "value": "known"}),
        ProposedChange(
            ProposalKind.LIST_IMPORT,
            "mule",
            {},
            attachment="".join(drafted([EntryDraft("x-1")])).encode(),
        ),
    ]
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - a generator
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


def machine_of(engine: Engine) -> type[RuleBasedStateMachine]:
    """A machine that makes calls by one person, on an empty database."""

    class OnePerson(RuleBasedStateMachine):
        """Proposes, approves, refuses, withdraws and stops, under any of one person's names."""

        def __init__(self) -> None:
            super().__init__()
            self.bench = bench(emptied(engine))
            self.bench.write_rule.create(RULE, "seed", "r-1")
            self.bench.write_list.create("mule", "", "seed")
            self.bench.write_list.put("mule", EntryDraft("known"), "seed")
            self.before = self.bench.in_force()

        def ids(self) -> list[str]:
            page = self.bench.records.proposals(ProposalFilter(), None, 1_000)
            return [each.id for each in page.items]

        @rule(change=CHANGES, name=ONE_PERSON)
        def propose(self, change: ProposedChange, name: str) -> None:
            with suppress(Rejected):
                self.bench.propose(change, name)

        @rule(how=st.sampled_from(["approve", "refuse", "withdraw"]), name=ONE_PERSON)
        def decide_all(self, how: str, name: str) -> None:
            for each in self.ids():
                with suppress(Rejected):
                    getattr(self.bench.decide, how)(each, name, "why")

        @rule(name=ONE_PERSON)
        def stop(self, name: str) -> None:
            self.bench.write_rule.stop("r-1", "an emergency", name)
            self.before["rules"]["r-1"] = {**self.before["rules"]["r-1"], "active": False}

        @invariant()
        def nothing_else_changed(self) -> None:
            assert self.bench.in_force() == self.before

    return OnePerson


def test_one_person_changes_nothing_but_by_an_emergency_stop(engine: Engine) -> None:
    """The promise of four eyes, over sequences of calls under any of one person's names."""
    run_state_machine_as_test(
        machine_of(engine),
        settings=settings(max_examples=15, stateful_step_count=12, deadline=None),
    )


@pytest.mark.parametrize(
    "change",
    [
        ProposedChange(ProposalKind.RULE_PATCH, "r-1", {"weight": 1}),
        ProposedChange(ProposalKind.LIST_DELETE, "mule", {}),
        ProposedChange(ProposalKind.LIST_ENTRY_PUT, "mule", ENTRY),
    ],
    ids=lambda change: str(change.kind),
)
def test_two_people_change_it(engine: Engine, change: ProposedChange) -> None:
    """The property above would hold for use cases that do nothing."""
    cases = bench(emptied(engine))
    cases.write_rule.create(RULE, "seed", "r-1")
    cases.write_list.create("mule", "", "seed")
    before = cases.in_force()

    proposal = cases.propose(change, "mallory")
    assert cases.in_force() == before
    cases.decide.approve(proposal.id, "sipho")

    assert cases.in_force() != before
