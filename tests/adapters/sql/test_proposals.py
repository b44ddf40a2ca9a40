"""The contract of stored proposals, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.policies import stated_policy
from risksentinel.adapters.sql.proposals import SqlProposalLedger, SqlProposalRecords
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus
from risksentinel.errors import NoCursor, NotFound
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.proposals import ProposalFilter, StoredPolicy
from tests.adapters.sql.emptied import emptied

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
ONE = Proposal(
    id="p-1",
    kind=ProposalKind.RULE_PATCH,
    subject="r-1",
    change={"weight": 0.25},
    based_on="3",
    before={"weight": 0.5},
    after=None,
    proposed_by="thandi",
    proposed_at=NOW,
    reason="too many misses",
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on a migrated database."""
    engine = open_engine(request.getfixturevalue(f"{request.param}_url"))
    yield engine
    engine.dispose()


@pytest.fixture
def engine(shared: Engine) -> Engine:
    """An engine on an empty database."""
    return emptied(shared)


@pytest.fixture
def ledger(engine: Engine) -> SqlProposalLedger:
    """The transactions."""
    return SqlProposalLedger(SqlLedger(engine))


def kept(ledger: SqlProposalLedger, *proposals: Proposal, attachment: bytes = b"") -> None:
    """Store the proposals."""
    with ledger.unit() as unit:
        for each in proposals:
            unit.propose(each, attachment)


def test_a_proposal_is_read_as_it_was_proposed(engine: Engine, ledger: SqlProposalLedger) -> None:
    """What is approved must be what was proposed."""
    kept(ledger, ONE, attachment=b"value\r\na-1\r\n")
    records = SqlProposalRecords(engine)

    assert records.proposal("p-1") == ONE
    assert records.attachment("p-1") == b"value\r\na-1\r\n"
    with ledger.unit() as unit:
        assert (unit.proposal("p-1"), unit.attachment("p-1")) == (ONE, b"value\r\na-1\r\n")
        assert (unit.pending("thandi"), unit.pending("sipho")) == (1, 0)


def test_a_decision_is_stored(engine: Engine, ledger: SqlProposalLedger) -> None:
    """Who decided, when, why, and since when the change is in force."""
    kept(ledger, ONE)
    decided = ONE.decided(ProposalStatus.APPROVED, "sipho", NOW, "fine").applied(NOW)

    with ledger.unit() as unit:
        unit.change(decided)
        assert unit.pending("thandi") == 0

    assert SqlProposalRecords(engine).proposal("p-1") == decided


def test_an_unknown_proposal_is_not_found(engine: Engine, ledger: SqlProposalLedger) -> None:
    """The caller learns that the id is wrong."""
    records = SqlProposalRecords(engine)
    for read in (records.proposal, records.attachment):
        with pytest.raises(NotFound):
            read("p-1")
    with ledger.unit() as unit, pytest.raises(NotFound):
        unit.proposal("p-1")


def test_pages_are_complete_and_newest_first(engine: Engine, ledger: SqlProposalLedger) -> None:
    """Two proposals of one moment are both listed once."""
    hour = timedelta(hours=1)
    many = [replace(ONE, id=f"p-{n}", proposed_at=NOW + hour * (n // 2)) for n in range(7)]
    kept(ledger, *many)
    records, found, after = SqlProposalRecords(engine), list[str](), None
    while True:
        page = records.proposals(ProposalFilter(ProposalStatus.PENDING), after, 2)
        found += [each.id for each in page.items]
        after = page.following
        if after is None:
            break

    assert found == [f"p-{n}" for n in reversed(range(7))]
    assert not records.proposals(ProposalFilter(kind=ProposalKind.LIST_CREATE), None, 9).items
    with pytest.raises(NoCursor):
        records.proposals(ProposalFilter(), ("x", "y"), 9)


def test_only_an_unused_approval_is_found(ledger: SqlProposalLedger) -> None:
    """An approval of a model or a policy is used once."""
    approved = ONE.decided(ProposalStatus.APPROVED, "sipho", NOW)
    kept(ledger, approved)

    with ledger.unit() as unit:
        assert unit.approved(ONE.kind, "r-1") == approved
        assert unit.approved(ONE.kind, "r-2") is None
        unit.change(approved.applied(NOW))
        assert unit.approved(ONE.kind, "r-1") is None


def test_the_newest_two_policies_are_known(engine: Engine, ledger: SqlProposalLedger) -> None:
    """A rollout runs the policy in force and the one before."""
    assert stated_policy(engine) is None
    stored = [StoredPolicy(f"d-{n}", {"high": "0.7"}, NOW) for n in range(3)]
    for each in stored:
        with ledger.unit() as unit:
            unit.put_policy(each)

    with ledger.unit() as unit:
        assert list(unit.policies()) == [stored[2], stored[1]]
        assert unit.live_policy() is None
    assert stated_policy(engine) is None  # a start must still make the first live version


def test_notes_are_in_the_entries_that_follow(engine: Engine, ledger: SqlProposalLedger) -> None:
    """The audit entry of an applied change names its approver."""
    entry = AuditEntry(NOW, "thandi", "rule.patched", "rule", "r-1", {"version": 2})
    with ledger.unit() as unit:
        unit.audit([entry])
        unit.note({"approved_by": "sipho"})
        unit.audit([entry])

    with reading(engine) as connection:
        details = list(connection.scalars(select(audit_log.c.details).order_by(audit_log.c.id)))
    assert details == [{"version": 2}, {"version": 2, "approved_by": "sipho"}]
