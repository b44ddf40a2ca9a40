"""SqlProposalRecords, SqlProposalLedger: proposals, and what an approved one changes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine, func, insert, select, update

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.list_unit import SqlListLedger, SqlListUnit, list_unit
from risksentinel.adapters.sql.pages import NewestFirst
from risksentinel.adapters.sql.policies import locked_policies, put_policy
from risksentinel.adapters.sql.policy_unit import SqlPolicyUnit
from risksentinel.adapters.sql.policy_writes import live_policy
from risksentinel.adapters.sql.proposal_rows import (
    ATTACHMENTS,
    PROPOSALS,
    decision_row,
    packed,
    proposal_of,
    proposal_row,
    unpacked,
)
from risksentinel.adapters.sql.tables import proposals
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus
from risksentinel.errors import NotFound, Unavailable
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.pages import Page
from risksentinel.ports.proposals import ProposalFilter, StoredPolicy

_ORDER: Final = NewestFirst(proposals.c.proposed_at, proposals.c.id)
_UNKNOWN: Final = "there is no such proposal"


@dataclass(frozen=True, slots=True)
class SqlProposalRecords:
    """Meets `ports.ProposalRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def proposals(
        self, which: ProposalFilter, after: tuple[str, ...] | None, most: int
    ) -> Page[Proposal]:
        """One page of proposals, the newest first."""
        query = PROPOSALS
        if which.status is not None:
            query = query.where(proposals.c.status == which.status.value)
        if which.kind is not None:
            query = query.where(proposals.c.kind == which.kind.value)
        with reading(self.engine) as connection:
            return _ORDER.page(connection, query, after, most, proposal_of)

    def proposal(self, proposal_id: str) -> Proposal:
        """The proposal. Raises NotFound."""
        query = PROPOSALS.where(proposals.c.id == proposal_id)
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(_UNKNOWN)
        return proposal_of(row)

    def attachment(self, proposal_id: str) -> bytes:
        """The file of the proposal; empty without one. Raises NotFound."""
        with reading(self.engine) as connection:
            return _attachment(connection, proposal_id)


@dataclass(slots=True)
class _RulesOf:
    """The rules in the transaction of a unit, which commits them."""

    rest: SqlUnit

    @contextmanager
    def unit(self) -> Iterator[SqlUnit]:
        yield self.rest


@dataclass(slots=True)
class _VersionsOf:
    """The versions of the policy in the transaction of a unit, which commits them."""

    rest: SqlUnit

    @contextmanager
    def unit(self) -> Iterator[SqlPolicyUnit]:
        yield SqlPolicyUnit(self.rest)


@dataclass(slots=True)
class _ListsOf:
    """The lists in the transaction of a unit; `deleted` is whether entries are to be swept."""

    rest: SqlUnit
    deleted: bool = False

    @contextmanager
    def unit(self) -> Iterator[SqlListUnit]:
        yield list_unit(self.rest)

    def sweep(self) -> None:
        self.deleted = True


@dataclass(slots=True)
class SqlProposalUnit:
    """Meets `ports.ProposalUnit`; `SqlProposalLedger.unit` opens and ends the transaction."""

    rest: SqlUnit
    rules: _RulesOf = field(init=False)
    lists: _ListsOf = field(init=False)
    versions: _VersionsOf = field(init=False)

    def __post_init__(self) -> None:
        self.rules, self.lists = _RulesOf(self.rest), _ListsOf(self.rest)
        self.versions = _VersionsOf(self.rest)

    def proposal(self, proposal_id: str) -> Proposal:
        """The proposal, locked against other writers until the unit ends. Raises NotFound."""
        query = PROPOSALS.where(proposals.c.id == proposal_id).with_for_update()
        row = self.rest.line.session.execute(query).one_or_none()
        if row is None:
            raise NotFound(_UNKNOWN)
        return proposal_of(row)

    def attachment(self, proposal_id: str) -> bytes:
        """The file of the proposal; empty without one. Raises NotFound."""
        return _attachment(self.rest.line.session, proposal_id)

    def pending(self, proposer: str) -> int:
        """The number of pending proposals of this proposer."""
        query = select(func.count()).where(
            proposals.c.status == ProposalStatus.PENDING.value, proposals.c.proposed_by == proposer
        )
        return self.rest.line.session.execute(query).scalar_one()

    def approved(self, kind: ProposalKind, subject: str) -> Proposal | None:
        """The newest approved proposal that is not in force yet, locked as `proposal`."""
        query = PROPOSALS.where(
            proposals.c.status == ProposalStatus.APPROVED.value,
            proposals.c.kind == kind.value,
            proposals.c.subject == subject,
            proposals.c.in_force_at.is_(None),
        )
        newest = query.order_by(proposals.c.proposed_at.desc(), proposals.c.id.desc()).limit(1)
        row = self.rest.line.session.execute(newest.with_for_update()).one_or_none()
        return None if row is None else proposal_of(row)

    def policies(self) -> Sequence[StoredPolicy]:
        """The policy of the settings and the one before it; other units wait here."""
        return locked_policies(self.rest.line.session)

    def put_policy(self, policy: StoredPolicy) -> None:
        """Store the policy of the settings from now on."""
        put_policy(self.rest.line.session, policy)

    def live_policy(self) -> PolicyVersion | None:
        """The live version; None before the first start."""
        return live_policy(self.rest.line.session)

    def propose(self, proposal: Proposal, attachment: bytes) -> None:
        """Store a new proposal."""
        row = {**proposal_row(proposal), "attachment": packed(attachment)}
        self.rest.line.session.execute(insert(proposals).values(row))

    def change(self, proposal: Proposal) -> None:
        """Store the decision on a proposal, and since when it is in force."""
        mine = update(proposals).where(proposals.c.id == proposal.id)
        self.rest.line.session.execute(mine.values(decision_row(proposal)))

    def note(self, details: Mapping[str, str]) -> None:
        """Add these details to every audit entry of the unit that follows."""
        self.rest.send()  # what was audited before has lower numbers
        before = self.rest.origin
        self.rest.origin = lambda: {**(before() if before else {}), **details}

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rest.audit(entries)


@dataclass(frozen=True, slots=True)
class SqlProposalLedger:
    """Meets `ports.ProposalLedger` on SQLite and PostgreSQL."""

    ledger: SqlLedger

    @contextmanager
    def unit(self) -> Iterator[SqlProposalUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with self.ledger.unit() as rest:
            unit = SqlProposalUnit(rest)
            yield unit
        if unit.lists.deleted:
            with suppress(Unavailable):  # the list is deleted; the next deletion sweeps again
                SqlListLedger(self.ledger.engine).sweep()


def _attachment(connection: Connection, proposal_id: str) -> bytes:
    row = connection.execute(ATTACHMENTS.where(proposals.c.id == proposal_id)).one_or_none()
    if row is None:
        raise NotFound(_UNKNOWN)
    return unpacked(row.attachment)
