"""The routes that write rules: a change is a new version, in force within two seconds."""

from functools import partial
from typing import Any, Final

from flask import Response, request
from flask_openapi3.models.tag import Tag
from flask_openapi3.types import ResponseDict
from flask_openapi3.utils import parse_body
from pydantic import BaseModel

from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import PROPOSED
from functions.rules_crud.rule_documents import (
    RuleBody,
    RulePatchBody,
    StoredRuleResponse,
    WrittenRuleResponse,
)
from functions.rules_crud.written_rules import PATH, ChangeRule
from risksentinel.domain.proposal import ProposalKind
from risksentinel.errors import Malformed
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.parameters import Parameters
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ChangeHeaders
from risksentinel.payment_formats.payment_document import Identifier
from risksentinel.rules.defaults import DEFAULT_RULES

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
    **PROPOSED,
    200: WrittenRuleResponse,
    404: ProblemDocument,
    409: ProblemDocument,
    412: ProblemDocument,
    428: ProblemDocument,
}


class RulePath(Parameters):
    """The id of a rule."""

    rule_id: Identifier


class RuleHeaders(ChangeHeaders, ReasonHeader):
    """The version that must be the newest, and why the change is proposed."""


def routes(change: ChangeRule) -> DescribedRoutes:
    """The routes that change rules, or propose their changes."""
    api = DescribedRoutes("rules", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/",
        summary="Create a rule",
        description="The rule is stored; `warnings` lists probable mistakes.",
        responses={201: WrittenRuleResponse, **PROPOSED, 409: ProblemDocument},
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def created(header: ReasonHeader) -> Response:
        return change(ProposalKind.RULE_CREATE, "", request.get_json(), header)

    @api.put(
        "/<rule_id>",
        summary="Replace a rule",
        description="Absent members get their defaults. A deactivated rule becomes active again.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RuleBody, _EXAMPLES),
    )
    def replaced(path: RulePath, header: RuleHeaders) -> Response:
        return changed(ProposalKind.RULE_REPLACE, path, request.get_json(), header)

    @api.patch(
        "/<rule_id>",
        summary="Change a rule",
        description="A merge patch (RFC 7396) of the top level; a condition is replaced whole.",
        responses=_CHANGED,
        openapi_extensions=_body(api, RulePatchBody, {"deactivate": {"value": {"active": False}}}),
    )
    def patched(path: RulePath, header: RuleHeaders) -> Response:
        changes = request.get_json()
        if not changes:
            raise Malformed("name at least one member to change")
        return changed(ProposalKind.RULE_PATCH, path, changes, header)

    @api.delete(
        "/<rule_id>",
        summary="Deactivate a rule",
        description="The rule and its versions stay stored; the rule does not fire. Idempotent.",
        responses={**_CHANGED, 200: StoredRuleResponse},
    )
    def deactivated(path: RulePath, header: RuleHeaders) -> Response:
        return changed(ProposalKind.RULE_DEACTIVATE, path, {"active": False}, header)

    def changed(
        kind: ProposalKind, path: RulePath, document: dict[str, Any], header: RuleHeaders
    ) -> Response:
        return change(kind, path.rule_id, document, header, expected=header.expected)

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
