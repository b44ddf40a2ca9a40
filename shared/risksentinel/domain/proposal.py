"""Proposal: a change that one person proposes, and another approves or refuses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from risksentinel.errors import Conflict, Forbidden, Malformed, Violation
from risksentinel.text.characters import FORBIDDEN_CHARACTERS

MAX_REASON: Final = 500  # characters
_ACCOUNT: Final = re.compile(r"^(operator|key):")  # prefixes of actors that are no persons' names


class ProposalKind(StrEnum):
    """What a proposal changes, and how."""

    RULE_CREATE = "rule.create"
    RULE_REPLACE = "rule.replace"
    RULE_PATCH = "rule.patch"
    RULE_DEACTIVATE = "rule.deactivate"
    LIST_CREATE = "list.create"
    LIST_DELETE = "list.delete"
    LIST_ENTRY_PUT = "list.entry_put"
    LIST_ENTRY_REMOVE = "list.entry_remove"
    LIST_IMPORT = "list.import"
    MODEL_PROMOTION = "model.promotion"
    MODEL_ROLLBACK = "model.rollback"
    POLICY_CHANGE = "policy.change"  # of the settings of processes
    POLICY_PROMOTION = "policy.promotion"
    POLICY_ROLLBACK = "policy.rollback"

    @property
    def is_applied_later(self) -> bool:
        """Whether an operator puts the approved change in force, not the approval itself."""
        return self in {self.MODEL_PROMOTION, self.MODEL_ROLLBACK, self.POLICY_CHANGE}


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A change before it is proposed. An empty subject gets a new id; `expected` is a version.

    `attachment` is a file that belongs to the change; it may be large.
    """

    kind: ProposalKind
    subject: str
    change: Mapping[str, Any] = field(hash=False)
    reason: str = ""
    expected: int | None = None
    attachment: bytes = field(default=b"", repr=False)


class ProposalStatus(StrEnum):
    """Where a proposal stands; only a pending one can change."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by its proposer
    STALE = "stale"  # the subject was changed after the proposal


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed change. A decision by its proposer, or a second decision, cannot exist.

    `change` is what is applied, `before` and `after` the state of the subject without and with it.
    `based_on` names the state that the change was proposed on; None: the subject does not exist.
    """

    id: str
    kind: ProposalKind
    subject: str
    change: Mapping[str, Any] = field(hash=False)
    based_on: str | None
    before: Mapping[str, Any] | None = field(hash=False)
    after: Mapping[str, Any] | None = field(hash=False)
    proposed_by: str
    proposed_at: datetime
    reason: str = ""
    status: ProposalStatus = ProposalStatus.PENDING
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    in_force_at: datetime | None = None

    def __post_init__(self) -> None:
        _refuse_long(self.reason)
        _refuse_long(self.decision_reason or "")
        if (self.status is ProposalStatus.PENDING) is not (self.decided_by is None):
            raise Conflict("a proposal has a decider if and only if it is not pending")
        if self.in_force_at is not None and self.status is not ProposalStatus.APPROVED:
            raise Conflict("only an approved proposal can be in force")
        if self.decided_by is None:
            return
        if self.status in {ProposalStatus.APPROVED, ProposalStatus.REFUSED}:
            self._is_by_another(self.decided_by)
        if self.status is ProposalStatus.REFUSED and not (self.decision_reason or "").strip():
            raise Malformed([Violation("reason", "say why the change is refused")])
        if self.status is ProposalStatus.WITHDRAWN and self.decided_by != self.proposed_by:
            raise Forbidden("only its proposer withdraws a proposal")

    def _is_by_another(self, decider: str) -> None:
        if same_person(decider, self.proposed_by):
            raise Forbidden("another person than the proposer must decide")

    def decided(
        self, status: ProposalStatus, by: str, at: datetime, reason: str = ""
    ) -> "Proposal":
        """Return the proposal after the decision.

        Raises:
            Conflict: the proposal is decided already.
            Forbidden: the decider is the proposer, or withdraws the proposal of another.
            Malformed: a refusal has no reason.
        """
        if self.status is not ProposalStatus.PENDING:
            raise Conflict(f"the proposal is {self.status} already")
        return replace(
            self, status=status, decided_by=by, decided_at=at, decision_reason=reason or None
        )

    def applied(self, at: datetime) -> "Proposal":
        """Return the approved proposal, in force. Raises Conflict where it is not to be applied."""
        if self.status is not ProposalStatus.APPROVED:
            raise Conflict(f"the proposal is {self.status}, not approved")
        if self.in_force_at is not None:
            raise Conflict("the proposal is in force already: an approval is used once")
        return replace(self, in_force_at=at)


def same_person(one: str, other: str) -> bool:
    """Whether two actors have one name, as operator, API key or person."""
    return _person(one) == _person(other)


def _person(actor: str) -> str:
    return _ACCOUNT.sub("", actor).strip().casefold()


def _refuse_long(reason: str) -> None:
    if len(reason) > MAX_REASON:
        raise Malformed([Violation("reason", f"must not be longer than {MAX_REASON} characters")])
    if FORBIDDEN_CHARACTERS.search(reason):
        raise Malformed([Violation("reason", "must not contain control characters")])
