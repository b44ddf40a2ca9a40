"""The routes of named lists as a whole."""

from http import HTTPStatus
from typing import Final

from flask import Response, jsonify
from flask_openapi3.models.tag import Tag

from functions.rules_crud.list_documents import (
    ListBody,
    ListPath,
    ListResponse,
    ListsResponse,
)
from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import PROPOSED, Proposing
from risksentinel.domain.proposal import ProposalKind
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.ports.lists import ListRecords
from risksentinel.usecases.write_list import WriteList

PATH: Final = "/api/v1/lists"
TAG: Final = Tag(
    name="lists",
    description="Named lists of accounts, devices, categories and countries, for rules",
)


def routes(records: ListRecords, write: WriteList, propose: Proposing | None) -> DescribedRoutes:
    """The routes that create, show and delete lists; with `propose` they propose the change."""
    api = DescribedRoutes("lists", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get("/", summary="List the named lists", responses={200: ListsResponse})
    def listed() -> Response:
        return jsonify({"items": [ListResponse.serialize(each) for each in records.lists()]})

    @api.post(
        "/",
        summary="Create a list",
        description="The new list is empty. A rule with `in_list` can be created before or after.",
        responses={201: ListResponse, **PROPOSED, 409: ProblemDocument},
    )
    def created(header: ReasonHeader, body: ListBody) -> Response:
        if propose:
            change = {"description": body.description}
            return propose(ProposalKind.LIST_CREATE, body.name, change, header)
        named = write.create(body.name, body.description, caller().name)
        response = jsonify(ListResponse.serialize(named))
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{PATH}/{named.name}"
        return response

    @api.get("/<name>", summary="Show a list", responses={200: ListResponse, 404: ProblemDocument})
    def one(path: ListPath) -> Response:
        return jsonify(ListResponse.serialize(records.named(path.name)))

    @api.delete(
        "/<name>",
        summary="Delete a list",
        description="Deletes the entries too. 409 while an active rule uses the list.",
        responses={204: None, **PROPOSED, 404: ProblemDocument, 409: ProblemDocument},
    )
    def deleted(path: ListPath, header: ReasonHeader) -> Response:
        if propose:
            return propose(ProposalKind.LIST_DELETE, path.name, {}, header)
        write.delete(path.name, caller().name)
        return Response(status=HTTPStatus.NO_CONTENT)

    return api
