"""Writing rules: each change is a new version, and in force everywhere within two seconds."""

from http import HTTPStatus
from typing import Any, Final

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict
from flask_openapi3.utils import parse_body
from pydantic import BaseModel

from functions.rules_crud.rule_documents import (
    KeptRuleAnswer,
    RuleAnswer,
    RuleBody,
    RulePatchBody,
    shown,
)
from risksentinel.errors import Malformed
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.rule import KeptRule
from risksentinel.runtime.parameters import Parameters
from risksentinel.runtime.problem_document import ProblemDocument
from risksentinel.runtime.version_tags import ActorHeader, ChangeHeaders, versioned
from risksentinel.usecases.write_rule import WriteRule

PATH: Final = "/api/v1/rules"
TAG: Final = Tag(name="rules", description="What analysts look for")
_EXAMPLES: Final = {name: {"value": {**rule}} for name, rule in DEFAULT_RULES.items()}
_CHANGED: Final[ResponseDict] = {
    200: RuleAnswer,
    404: ProblemDocument,
    409: ProblemDocument,
    412: ProblemDocument,
}


class ById(Parameters):
    """Which rule."""

    rule_id: Identifier


def routes(write: WriteRule) -> APIBlueprint:
    """The routes that rules are written by."""
    api = APIBlueprint("rules", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/",
        summary="Create a rule",
        responses={201: RuleAnswer, 409: ProblemDocument},
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def created(header: ActorHeader) -> Response:
        rule = write.create(request.get_json(), header.actor)
        response = _answer(rule)
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{PATH}/{rule.id}"
        return response

    @api.put(
        "/<rule_id>",
        summary="Replace a rule",
        description="What is left out gets its default. A rule that was deactivated comes back.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def replaced(path: ById, header: ChangeHeaders) -> Response:
        return _answer(
            write.replace(path.rule_id, request.get_json(), header.expected, header.actor)
        )

    @api.patch(
        "/<rule_id>",
        summary="Change a rule",
        description="A merge patch (RFC 7396) of the top level: a condition is replaced whole.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RulePatchBody, {"deactivate": {"value": {"active": False}}}),
    )
    def patched(path: ById, header: ChangeHeaders) -> Response:
        changes = request.get_json()
        if not changes:
            raise Malformed("name at least one member to change")
        return _answer(write.patch(path.rule_id, changes, header.expected, header.actor))

    @api.delete(
        "/<rule_id>",
        summary="Deactivate a rule",
        description="The rule and its versions stay; it fires no more. Repeating it is fine.",
        responses={**_CHANGED, 200: KeptRuleAnswer},
    )
    def deactivated(path: ById, header: ChangeHeaders) -> Response:
        return _answer(write.deactivate(path.rule_id, header.expected, header.actor))

    return api


def _answer(rule: KeptRule) -> Response:
    return versioned(shown(rule), rule.version)


def _body(api: APIBlueprint, model: type[BaseModel], examples: dict[str, Any]) -> dict[str, Any]:
    """Describe a body without reading it: parse_rule alone decides what a rule is."""
    content, schemas = parse_body(model)
    api.components_schemas.update(schemas)
    media = {**content["application/json"].model_dump(by_alias=True, exclude_unset=True)}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {**media, "examples": examples}},
        }
    }
