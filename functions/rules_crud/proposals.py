"""The routes of proposals: changes that another person approves or refuses."""

from typing import Final

from flask import Response, jsonify
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

from functions.rules_crud.proposal_documents import (
    DecisionBody,
    ProposalPage,
    ProposalResponse,
    ReasonedBody,
    ShownProposalResponse,
    shown_proposal,
)
from functions.rules_crud.proposed import PATH, Warn, warnings
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus
from risksentinel.http.access import caller
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.ports.proposals import ProposalFilter, ProposalRecords
from risksentinel.usecases.decide_proposal import DecideProposal

TAG: Final = Tag(name="proposals", description="Changes that need the approval of another person")
_CSV: Final = "text/csv"
_DECIDED: Final[ResponseDict] = {
    200: ShownProposalResponse,
    403: ProblemDocument,
    404: ProblemDocument,
    409: ProblemDocument,
}


class ProposalQuery(PageQuery):
    """The filters and the page of the list of proposals."""

    status: ProposalStatus | None = None
    kind: ProposalKind | None = None


class ProposalPath(Parameters):
    """The id of a proposal."""

    proposal_id: Identifier


def routes(records: ProposalRecords, decide: DecideProposal, warn: Warn) -> DescribedRoutes:
    """The routes that read and decide proposals."""
    api = DescribedRoutes("proposals", __name__, url_prefix=PATH, abp_tags=[TAG])

    def answer(proposal: Proposal) -> Response:
        return jsonify(shown_proposal(proposal, warnings(proposal, warn)))

    @api.get(
        "/",
        summary="List proposals",
        description="The newest first, in pages.",
        responses={200: ProposalPage},
    )
    def listed(query: ProposalQuery) -> Response:
        which = ProposalFilter(query.status, query.kind)
        return page_response(
            query,
            lambda after, most: records.proposals(which, after, most),
            ProposalResponse.serialize,
        )

    @api.get(
        "/<proposal_id>",
        summary="Show a proposal",
        description="`before` and `after` show the subject without and with the change.",
        responses={200: ShownProposalResponse, 404: ProblemDocument},
    )
    def one(path: ProposalPath) -> Response:
        return answer(records.proposal(path.proposal_id))

    @api.get(
        "/<proposal_id>/entries",
        summary="Download the entries of a proposed import",
        responses={
            200: {
                "description": "The entries as CSV; empty for a proposal of another kind",
                "content": {_CSV: {"schema": {"type": "string"}}},
            },
            404: ProblemDocument,
        },
    )
    def entries(path: ProposalPath) -> Response:
        file = records.attachment(path.proposal_id)
        return Response(file, content_type=f"{_CSV}; charset=utf-8")

    @api.post(
        "/<proposal_id>/approve",
        summary="Approve a proposal",
        description="By another person than the proposer. The change of a rule or a list is in "
        "force within two seconds. 409 if the subject was changed after the proposal, which is "
        "`stale` from then on.",
        responses={**_DECIDED, 422: ProblemDocument},
    )
    def approved(path: ProposalPath, body: DecisionBody) -> Response:
        return answer(decide.approve(path.proposal_id, caller().name, body.reason))

    @api.post(
        "/<proposal_id>/refuse",
        summary="Refuse a proposal",
        description="By another person than the proposer, with the reason.",
        responses=_DECIDED,
    )
    def refused(path: ProposalPath, body: ReasonedBody) -> Response:
        return answer(decide.refuse(path.proposal_id, caller().name, body.reason))

    @api.post(
        "/<proposal_id>/withdraw",
        summary="Withdraw a proposal",
        description="By its proposer.",
        responses=_DECIDED,
    )
    def withdrawn(path: ProposalPath, body: DecisionBody) -> Response:
        return answer(decide.withdraw(path.proposal_id, caller().name, body.reason))

    return api
