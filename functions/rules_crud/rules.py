"""The routes that write rules: a change is a new version, in force within two seconds."""

from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from flask import Response, request
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict
from flask_openapi3.utils import parse_body
from pydantic import BaseModel

from functions.rules_crud.rule_documents import (
    RuleBody,
    RulePatchBody,
    StoredRuleResponse,
    WrittenRuleResponse,
    shown,
    written,
)
from risksentinel.errors import Malformed, Violation
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders, versioned
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.rule import Rule, StoredRule
from risksentinel.usecases.write_rule import WriteRule

PATH: Final = "/api/v1/rules"
TAG: Final = Tag(name="rules", description="The rules of analysts")
_APPROVING: Final = {
    "name": "Payments to our own accounts",
    "description": "Transfers between accounts of this bank are approved",
    "condition": {"field": "receiver_id", "operator": "in_list", "value": "own"},
    "weight": 0,
    "severity": "low",
    "action": "approve",
}
_EXAMPLES: Final = {
    name: {"value": {**rule}} for name, rule in {**DEFAULT_RULES, "approve": _APPROVING}.items()
}
_CHANGED: Final[ResponseDict] = {
    200: WrittenRuleResponse,
    404: ProblemDocument,
    409: ProblemDocument,
    412: ProblemDocument,
    428: ProblemDocument,
}


class RulePath(Parameters):
    """The id of a rule."""

    rule_id: Identifier


def routes(write: WriteRule, warn: Callable[[Rule], Iterable[Violation]]) -> DescribedRoutes:
    """The routes that write rules; `warn` returns the warnings on a rule."""
    api = DescribedRoutes("rules", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/",
        summary="Create a rule",
        description="The rule is stored; `warnings` lists probable mistakes.",
        responses={201: WrittenRuleResponse, 409: ProblemDocument},
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def created() -> Response:
        rule = write.create(request.get_json(), caller().name)
        response = answer(rule)
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{PATH}/{rule.id}"
        return response

    @api.put(
        "/<rule_id>",
        summary="Replace a rule",
        description="Absent members get their defaults. A deactivated rule becomes active again.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def replaced(path: RulePath, header: ChangeHeaders) -> Response:
        return answer(
            write.replace(path.rule_id, request.get_json(), header.expected, caller().name)
        )

    @api.patch(
        "/<rule_id>",
        summary="Change a rule",
        description="A merge patch (RFC 7396) of the top level; a condition is replaced whole.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RulePatchBody, {"deactivate": {"value": {"active": False}}}),
    )
    def patched(path: RulePath, header: ChangeHeaders) -> Response:
        changes = request.get_json()
        if not changes:
            raise Malformed("name at least one member to change")
        return answer(write.patch(path.rule_id, changes, header.expected, caller().name))

    @api.delete(
        "/<rule_id>",
        summary="Deactivate a rule",
        description="The rule and its versions stay stored; the rule does not fire. Idempotent.",
        responses={**_CHANGED, 200: StoredRuleResponse},
    )
    def deactivated(path: RulePath, header: ChangeHeaders) -> Response:
        rule = write.deactivate(path.rule_id, header.expected, caller().name)
        return versioned(shown(rule), rule.version)

    def answer(rule: StoredRule) -> Response:
        members = written(rule, warn(rule)) if isinstance(rule, Rule) else shown(rule)
        return versioned(members, rule.version)

    return api


def _body(api: DescribedRoutes, model: type[BaseModel], examples: dict[str, Any]) -> dict[str, Any]:
    """The request body in OpenAPI; parse_rule validates it, not the model."""
    return {"requestBody": partial(_described, api, model, examples)}


def _described(
    api: DescribedRoutes, model: type[BaseModel], examples: dict[str, Any]
) -> dict[str, Any]:
    content, schemas = parse_body(model)
    api.components_schemas.update(schemas)
    media = {**content["application/json"].model_dump(by_alias=True, exclude_unset=True)}
    return {
        "required": True,
        "content": {"application/json": {**media, "examples": examples}},
    }
