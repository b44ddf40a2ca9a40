"""The routes of versions of the policy, and of drafts."""

from http import HTTPStatus
from typing import Final

from flask import Response, jsonify
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict

from functions.rules_crud.policy_documents import (
    DiffQuery,
    DraftBody,
    EditBody,
    PolicyDifferences,
    PolicyPage,
    PolicyPath,
    PolicyQuery,
    PolicyResponse,
    PolicySummary,
    shown_policy,
)
from risksentinel.domain.policy_version import PolicyVersion
from risksentinel.errors import NotFound
from risksentinel.http.access import caller
from risksentinel.http.cursor_pages import page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders, versioned
from risksentinel.ports.policies import PolicyRecords
from risksentinel.scoring.policy_diff import policy_diff
from risksentinel.usecases.manage_policies import ManagePolicies

PATH: Final = "/api/v1/policies"
TAG: Final = Tag(name="policies", description="Versions of everything that decides")
SHOWN: Final[ResponseDict] = {200: PolicyResponse, 404: ProblemDocument}
CHANGED: Final[ResponseDict] = {
    **SHOWN,
    409: ProblemDocument,
    412: ProblemDocument,
    428: ProblemDocument,
}


def routes(records: PolicyRecords, manage: ManagePolicies) -> DescribedRoutes:
    """The routes that read versions and write drafts."""
    api = DescribedRoutes("policies", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/",
        summary="List versions of the policy",
        description="The newest first, in pages.",
        responses={200: PolicyPage},
    )
    def listed(query: PolicyQuery) -> Response:
        return page_response(
            query,
            lambda after, most: records.policies(query.state, after, most),
            PolicySummary.serialize,
        )

    @api.post(
        "/",
        summary="Make a draft",
        description="Of the live version, of another one or of contents. A draft decides nothing.",
        responses={201: PolicyResponse, 404: ProblemDocument, 409: ProblemDocument},
    )
    def drafted(body: DraftBody) -> Response:
        version = manage.draft(body.contents, body.note, caller().name, body.of)
        response = answer(version)
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{PATH}/{version.number}"
        return response

    @api.get("/live", summary="Show the live version", responses=SHOWN)
    def live() -> Response:
        return answer(live_version(records))

    @api.get("/<int:number>", summary="Show a version", responses=SHOWN)
    def one(path: PolicyPath) -> Response:
        return answer(records.policy(path.number))

    @api.put(
        "/<int:number>",
        summary="Change a draft",
        description="The contents are replaced whole.",
        responses=CHANGED,
    )
    def edited(path: PolicyPath, header: ChangeHeaders, body: EditBody) -> Response:
        version = manage.edit(path.number, body.contents, body.note, header.expected, caller().name)
        return answer(version)

    @api.delete(
        "/<int:number>",
        summary="Discard a draft",
        description="It stays readable.",
        responses=CHANGED,
    )
    def discarded(path: PolicyPath, header: ChangeHeaders) -> Response:
        return answer(manage.discard(path.number, header.expected, caller().name))

    @api.get(
        "/<int:number>/diff",
        summary="Compare two versions",
        description="What the version changes in `against`.",
        responses={200: PolicyDifferences, 404: ProblemDocument},
    )
    def compared(path: PolicyPath, query: DiffQuery) -> Response:
        after = records.policy(path.number)
        before = live_version(records) if query.against is None else records.policy(query.against)
        numbers = {"number": after.number, "against": before.number}
        return jsonify({**numbers, **policy_diff(before.contents, after.contents)})

    return api


def answer(version: PolicyVersion) -> Response:
    """The response with the version and its ETag."""
    return versioned(shown_policy(version), version.revision)


def live_version(records: PolicyRecords) -> PolicyVersion:
    """The live version. Raises NotFound before the first start."""
    live = records.live()
    if live is None:
        raise NotFound("no version is live: start the function score once")
    return live
