"""Proposing: the response to a change that needs the approval of another person."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from flask import Response, jsonify
from flask_openapi3.types import ResponseDict

from functions.rules_crud.proposal_documents import (
    ReasonHeader,
    ShownProposalResponse,
    shown_proposal,
)
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposedChange
from risksentinel.errors import Malformed, Violation
from risksentinel.http.access import caller
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.usecases.propose_change import ProposeChange

PATH: Final = "/api/v1/proposals"
PROPOSED: Final[ResponseDict] = {202: ShownProposalResponse}  # where changes need approval
Warn = Callable[[Rule], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Proposing:
    """Proposes a change in the name of the caller, and responds with the proposal."""

    propose: ProposeChange
    warn: Warn

    def __call__(
        self,
        kind: ProposalKind,
        subject: str,
        change: Mapping[str, Any],
        header: ReasonHeader,
        *,
        expected: int | None = None,
    ) -> Response:
        """Respond 202 with the proposal and its Location."""
        return self.of(ProposedChange(kind, subject, change, header.reason or "", expected))

    def of(self, wanted: ProposedChange) -> Response:
        """Respond 202 with the proposal of this change, and its Location."""
        proposal = self.propose(wanted, caller().name)
        response = jsonify(shown_proposal(proposal, warnings(proposal, self.warn)))
        response.status_code = HTTPStatus.ACCEPTED
        response.headers["Location"] = f"{PATH}/{proposal.id}"
        return response


def warnings(proposal: Proposal, warn: Warn) -> tuple[Violation, ...]:
    """The warnings on a proposed rule."""
    if proposal.after is None or not proposal.kind.value.startswith("rule."):
        return ()
    at = proposal.proposed_at
    try:
        rule = parse_rule(
            proposal.after, rule_id=proposal.subject, version=1, created_at=at, updated_at=at
        )
    except Malformed:  # a rule of a later release, which is deactivated
        return ()
    return tuple(warn(rule))
