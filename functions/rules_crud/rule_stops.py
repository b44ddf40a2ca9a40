"""The route that stops a rule in an emergency, without the approval of another person."""

from flask import Response

from functions.rules_crud.proposal_documents import ReasonedBody
from functions.rules_crud.rule_documents import StoredRuleResponse, shown
from functions.rules_crud.rules import TAG, RulePath
from functions.rules_crud.written_rules import PATH
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import versioned
from risksentinel.usecases.write_rule import WriteRule


def routes(write: WriteRule) -> DescribedRoutes:
    """The route that stops a rule."""
    api = DescribedRoutes("rule_stops", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<rule_id>/stop",
        summary="Stop a rule in an emergency",
        description="Deactivates the newest version at once, with the reason in the audit log. "
        "To activate the rule again is a change as any other. Idempotent.",
        responses={200: StoredRuleResponse, 404: ProblemDocument},
    )
    def stopped(path: RulePath, body: ReasonedBody) -> Response:
        rule = write.stop(path.rule_id, body.reason, caller().name)
        return versioned(shown(rule), rule.version)

    return api
