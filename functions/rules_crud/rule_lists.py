"""The routes that read rules: the list, one rule, and the vocabulary of rules."""

from typing import Annotated, Final

from flask import Response, jsonify
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from functions.rules_crud.rule_documents import RulePage, StoredRuleResponse, shown
from functions.rules_crud.rules import TAG, RulePath
from functions.rules_crud.vocabulary import VocabularyResponse, vocabulary
from functions.rules_crud.written_rules import PATH
from risksentinel.http.cursor_pages import PageQuery, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import versioned
from risksentinel.ports.rule_records import RuleRecords

_FLAGS: Final = {"true": True, "false": False}


def _flag(text: object) -> bool:
    if isinstance(text, str) and text in _FLAGS:
        return _FLAGS[text]
    raise PydanticCustomError("flag", "must be true or false")


class RuleQuery(PageQuery):
    """The filter and the page of the list of rules."""

    active_only: Annotated[bool, BeforeValidator(_flag)] = Field(
        default=False, description="Only active rules"
    )


def routes(records: RuleRecords) -> DescribedRoutes:
    """The routes that read rules."""
    api = DescribedRoutes("rule_lists", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/",
        summary="List rules",
        description="The newest version of each rule, the newest rule first, in pages.",
        responses={200: RulePage},
    )
    def listed(query: RuleQuery) -> Response:
        active = query.active_only
        return page_response(
            query, lambda after, most: records.rules(after, most, active_only=active), shown
        )

    @api.get(
        "/vocabulary",
        summary="List the fields and operators of rules",
        description="Every field and every operator, and their valid combinations.",
        responses={200: VocabularyResponse},
    )
    def words() -> Response:
        return jsonify(vocabulary().model_dump())

    @api.get(
        "/<rule_id>",
        summary="Show a rule",
        description="The newest version of the rule; its number is the ETag.",
        responses={200: StoredRuleResponse, 404: ProblemDocument},
    )
    def one(path: RulePath) -> Response:
        rule = records.rule(path.rule_id)
        return versioned(shown(rule), rule.version)

    return api
