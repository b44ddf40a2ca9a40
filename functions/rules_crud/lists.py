"""Named lists: made, shown, deleted."""

from http import HTTPStatus
from typing import Final

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from functions.rules_crud.list_documents import (
    ListBody,
    ListPath,
    ListResponse,
    ListsResponse,
)
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ActorHeader
from risksentinel.ports.lists import ListRecords
from risksentinel.usecases.write_list import WriteList

PATH: Final = "/api/v1/lists"
TAG: Final = Tag(name="lists", description="Accounts, devices and categories that rules look up")


def routes(records: ListRecords, write: WriteList) -> APIBlueprint:
    """The routes of lists as a whole."""
    api = APIBlueprint("lists", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get("/", summary="List the lists", responses={200: ListsResponse})
    def listed() -> Response:
        return jsonify({"items": [ListResponse.serialize(each) for each in records.lists()]})

    @api.post(
        "/",
        summary="Make a list",
        description="It is empty. A rule may name it with `in_list` before or after.",
        responses={201: ListResponse, 409: ProblemDocument},
    )
    def created(header: ActorHeader, body: ListBody) -> Response:
        named = write.create(body.name, body.description, header.actor)
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
        description="With its entries. 409 while an active rule looks at it.",
        responses={204: None, 404: ProblemDocument, 409: ProblemDocument},
    )
    def deleted(path: ListPath, header: ActorHeader) -> Response:
        write.delete(path.name, header.actor)
        return Response(status=HTTPStatus.NO_CONTENT)

    return api
