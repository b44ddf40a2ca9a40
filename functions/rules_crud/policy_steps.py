"""The routes that move a version of the policy: rebase, shadow, promotion and rollback."""

from typing import Final

from flask import Response
from flask_openapi3.types import ResponseDict

from functions.rules_crud.policies import CHANGED, PATH, SHOWN, TAG, answer, live_version
from functions.rules_crud.policy_documents import PolicyPath, RollbackBody
from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import PROPOSED, Proposing
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders
from risksentinel.ports.policies import PolicyRecords
from risksentinel.usecases.manage_policies import ManagePolicies

_IN_FORCE: Final[ResponseDict] = {**SHOWN, **PROPOSED, 409: ProblemDocument}


def routes(
    records: PolicyRecords, manage: ManagePolicies, propose: Proposing | None
) -> DescribedRoutes:
    """The routes of the steps; `propose` where changes of what decides need approval."""
    api = DescribedRoutes("policy_steps", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<int:number>/rebase",
        summary="Base a draft on the live version",
        description="Makes the changes of the draft again on the version that is live now. 409 "
        "names what both changed.",
        responses=CHANGED,
    )
    def rebased(path: PolicyPath, header: ChangeHeaders) -> Response:
        return answer(manage.rebase(path.number, header.expected, caller().name))

    @api.post(
        "/<int:number>/shadow",
        summary="Put a draft in shadow",
        description="It decides beside the live version, without effect. One at a time.",
        responses=CHANGED,
    )
    def shadowed(path: PolicyPath, header: ChangeHeaders) -> Response:
        return answer(manage.shadow(path.number, header.expected, caller().name))

    @api.delete(
        "/<int:number>/shadow",
        summary="End the shadow of a version",
        description="It is a draft again.",
        responses=CHANGED,
    )
    def out_of_shadow(path: PolicyPath, header: ChangeHeaders) -> Response:
        return answer(manage.end_shadow(path.number, header.expected, caller().name))

    @api.post(
        "/<int:number>/promote",
        summary="Put a draft in force",
        description="Rules, thresholds and model in one step, in force within two seconds. 409 if "
        "another version became live since the draft was made.",
        responses=_IN_FORCE,
    )
    def promoted(path: PolicyPath, header: ReasonHeader) -> Response:
        if propose is None:
            return answer(manage.promote(path.number, caller().name))
        kind, change = ProposalKind.POLICY_PROMOTION, {"number": path.number}
        return propose(kind, str(path.number), change, header)

    @api.post(
        "/rollback",
        summary="Roll the live version back",
        description="The contents of an earlier version are in force again within two seconds, as "
        "a new version.",
        responses=_IN_FORCE,
    )
    def rolled_back(body: RollbackBody) -> Response:
        if propose is None:
            return answer(manage.roll_back(body.reason, caller().name, body.to))
        to = live_version(records).based_on if body.to is None else body.to
        change = {"to": to, "reason": body.reason}
        return propose.of(
            ProposedChange(ProposalKind.POLICY_ROLLBACK, str(to), change, body.reason)
        )

    return api
