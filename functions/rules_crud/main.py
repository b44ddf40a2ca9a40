"""rules-crud: serves rules, lists, versions of the policy, and proposals of their changes."""

from typing import TYPE_CHECKING

import functions_framework
from flask import Request, Response

from functions.rules_crud import (
    list_entries,
    list_files,
    lists,
    policies,
    policy_comparison,
    policy_steps,
    proposals,
    rule_lists,
    rule_performance,
    rule_stops,
    rule_trials,
    rules,
)
from functions.rules_crud.proposed import Proposing
from functions.rules_crud.written_rules import WritingRules
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.policy_records import SqlPolicyRecords
from risksentinel.adapters.sql.proposals import SqlProposalRecords
from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.adapters.sql.rule_watch import SqlRuleWatch
from risksentinel.adapters.sql.shadow_records import SqlShadowRecords
from risksentinel.assembly.account_reads import record_read
from risksentinel.assembly.authentication import authentication_checks, authenticator
from risksentinel.assembly.broker_relay import broker_relay
from risksentinel.assembly.container import Container
from risksentinel.assembly.database import required_checks
from risksentinel.assembly.on_first_request import on_first_request
from risksentinel.assembly.rate_limit import rate_limit
from risksentinel.assembly.rule_changes import (
    decide_proposal,
    manage_policies,
    propose_change,
    write_list,
    write_rule,
)
from risksentinel.errors import Unavailable, Violation
from risksentinel.http.function_app import FunctionApp, function_app
from risksentinel.http.rate_limits import limit_rates
from risksentinel.ports.lists import ListRecords
from risksentinel.ports.policies import PolicyRecords
from risksentinel.rules.rule import Rule
from risksentinel.scoring.basis import policy_of
from risksentinel.scoring.policy import Policy

if TYPE_CHECKING:
    from risksentinel.usecases.try_rule import TryRule

NAME = "rules-crud"


def build(container: Container) -> FunctionApp:
    """Build the app of the function."""
    app = function_app(
        NAME,
        required=required_checks(container),
        optional=authentication_checks(container),
        authenticate=authenticator(container),
    )
    app.register_api(rule_lists.routes(SqlRuleRecords(container.engine)))
    app.register_api(rule_performance.routes(SqlRuleWatch(container.engine), container.clock))
    named, versions = SqlListRecords(container.engine), SqlPolicyRecords(container.engine)

    def warn(rule: Rule) -> tuple[Violation, ...]:
        return _warned(rule, _in_force(versions, container.settings.policy), named)

    def trials() -> "TryRule":
        # A cold start does not wait for what reads the facts of past payments.
        from risksentinel.assembly.rule_trials import try_rule  # noqa: PLC0415

        return try_rule(container)

    needed = propose_change(container)
    propose = None if needed is None else Proposing(needed, warn)
    write_a_rule = write_rule(container)
    app.register_api(rules.routes(propose or WritingRules(write_a_rule, warn)))
    app.register_api(rule_stops.routes(write_a_rule))
    write, reads = write_list(container), record_read(container)
    app.register_api(rule_trials.routes(trials, reads, warn, container.clock))
    app.register_api(lists.routes(named, write, propose))
    app.register_api(list_entries.routes(named, write, container.clock, reads, propose))
    app.register_api(list_files.routes(named, write, reads, propose))
    manage = manage_policies(container)
    app.register_api(policies.routes(versions, manage))
    app.register_api(policy_steps.routes(versions, manage, propose))
    app.register_api(policy_comparison.routes(versions, SqlShadowRecords(container.engine)))
    stored = SqlProposalRecords(container.engine)
    app.register_api(proposals.routes(stored, decide_proposal(container), warn))
    limit_rates(app, rate_limit(container))
    return app


def _warned(rule: Rule, policy: Policy, named: ListRecords) -> tuple[Violation, ...]:
    """The warnings about a rule, under the settings and with the lists of this installation."""
    # Only the change of a rule needs them, and their import takes 9 ms of a cold start.
    from risksentinel.rules.warnings import Alerting, warnings_of  # noqa: PLC0415
    from risksentinel.scoring.alone import score_alone  # noqa: PLC0415

    known = _names(named) if rule.lists else None
    return warnings_of(rule, Alerting(score_alone(rule, policy), policy.alert_threshold), known)


def _in_force(versions: PolicyRecords, own: Policy) -> Policy:
    # The rule is stored by now, as below.
    try:
        live = versions.live()
    except Unavailable:
        return own
    return own if live is None else policy_of({"policy": live.contents["settings"]})


def _names(named: ListRecords) -> list[str] | None:
    # The rule is stored by now: an unavailable database must not turn the response into an error.
    try:
        return [each.name for each in named.lists()]
    except Unavailable:
        return None


_serve = on_first_request(NAME, build, broker_relay)


@functions_framework.http
def rules_crud(request: Request) -> Response:
    """Serve one request from functions-framework."""
    return _serve(request)
