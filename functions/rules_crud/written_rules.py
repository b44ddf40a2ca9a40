"""Writing rules: the response to a change of a rule that needs no approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Protocol

from flask import Response

from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import Warn
from functions.rules_crud.rule_documents import shown, written
from risksentinel.domain.proposal import ProposalKind
from risksentinel.http.access import caller
from risksentinel.http.version_tags import versioned
from risksentinel.rules.rule import Rule, StoredRule
from risksentinel.usecases.write_rule import WriteRule

PATH: Final = "/api/v1/rules"


class ChangeRule(Protocol):
    """Makes a change of a rule in the name of the caller, or proposes it."""

    def __call__(
        self,
        kind: ProposalKind,
        subject: str,
        change: Mapping[str, Any],
        header: ReasonHeader,
        *,
        expected: int | None = None,
    ) -> Response:
        """Respond to the request; `expected` is the version that must be the newest."""


@dataclass(frozen=True, slots=True)
class WritingRules:
    """Makes the change, and responds with the rule; `warn` returns the warnings on it."""

    write: WriteRule
    warn: Warn

    def __call__(
        self,
        kind: ProposalKind,
        subject: str,
        change: Mapping[str, Any],
        header: ReasonHeader,  # noqa: ARG002 - only an approver reads the reason
        *,
        expected: int | None = None,
    ) -> Response:
        """Respond with the rule; 201 and its Location if it is new."""
        actor = caller().name
        match kind:
            case ProposalKind.RULE_REPLACE:
                return self._answer(self.write.replace(subject, change, expected, actor))
            case ProposalKind.RULE_PATCH:
                return self._answer(self.write.patch(subject, change, expected, actor))
            case ProposalKind.RULE_DEACTIVATE:
                rule = self.write.deactivate(subject, expected, actor)
                return versioned(shown(rule), rule.version)
            case _:
                return self._created(self.write.create(change, actor))

    def _created(self, rule: Rule) -> Response:
        response = self._answer(rule)
        response.status_code = HTTPStatus.CREATED
        response.headers["Location"] = f"{PATH}/{rule.id}"
        return response

    def _answer(self, rule: StoredRule) -> Response:
        members = written(rule, self.warn(rule)) if isinstance(rule, Rule) else shown(rule)
        return versioned(members, rule.version)
