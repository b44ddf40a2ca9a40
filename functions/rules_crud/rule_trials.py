"""The route that tries a rule on past payments; it stores nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Response, jsonify

from functions.rules_crud.proposed import Warn
from functions.rules_crud.rules import TAG
from functions.rules_crud.trial_documents import (
    TrialBody,
    TrialResponse,
    shown_steps,
    shown_trial,
)
from functions.rules_crud.written_rules import PATH
from risksentinel.errors import Forbidden, Malformed, Violation
from risksentinel.http.access import caller, hides_accounts
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.ports.environment import Clock
from risksentinel.ports.rule_trials import TrialSpan
from risksentinel.rules.parse import parse_rule
from risksentinel.rules.rule import Rule
from risksentinel.usecases.record_read import RecordRead

if TYPE_CHECKING:
    from risksentinel.usecases.try_rule import TryRule

_ACCOUNTS: Final = frozenset({"sender_id", "receiver_id"})
_PARTS: Final = frozenset({"contains", "starts_with", "ends_with", "regex"})
_UNMASKS: Final = (
    "the rule compares parts of account numbers, which would reveal masked ones: trying it needs "
    "the right accounts.read"
)


def routes(
    trials: Callable[[], "TryRule"], record_read: RecordRead, warn: Warn, clock: Clock
) -> DescribedRoutes:
    """The route of dry runs; `trials` is called for the first of them, not at the start."""
    api = DescribedRoutes("rule_trials", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/try",
        summary="Try a rule on past payments",
        description="What the rule would have fired on, with the facts that each payment was "
        "decided with, in 2 s at most; nothing is stored. With `transaction_id`, which comparison "
        "was true, false or unknown for one payment. 503 while another rule is tried: send the "
        "request again.",
        responses={200: TrialResponse, 404: ProblemDocument},
    )
    def tried(body: TrialBody) -> Response:
        rule = _rule(body.document, clock())
        if hides_accounts() and _compares_parts(rule.condition):
            raise Forbidden(_UNMASKS)
        if body.transaction_id is None:
            shown = shown_trial(trials().over(rule, _span(body)))
        else:
            shown = shown_steps(trials().one(rule, body.transaction_id))
            record_read(caller(), "transaction", body.transaction_id)
        listed = [{"path": each.path, "message": each.message} for each in warn(rule)]
        return jsonify({**shown, "warnings": listed})

    return api


def _rule(document: object, now: datetime) -> Rule:
    try:
        return parse_rule(document, rule_id="try", version=1, created_at=now, updated_at=now)
    except Malformed as malformed:
        raise Malformed(
            [
                Violation(f"rule.{each.path}" if each.path else "rule", each.message)
                for each in malformed.violations
            ]
        ) from None


def _span(body: TrialBody) -> TrialSpan:
    if body.since is not None and body.until is not None and body.since > body.until:
        raise Malformed([Violation("since", "must not be later than until")])
    return TrialSpan(body.since, body.until, body.limit_payments)


def _compares_parts(condition: Mapping[str, Any]) -> bool:
    return any(
        each["field"] in _ACCOUNTS and each["operator"] in _PARTS
        for each in _comparisons(condition)
    )


def _comparisons(condition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "field" in condition:
        yield condition
    parts = [*condition.get("all", ()), *condition.get("any", ())]
    if "not" in condition:
        parts.append(condition["not"])
    for part in parts:
        yield from _comparisons(part)
