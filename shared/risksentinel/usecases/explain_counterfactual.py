"""ExplainCounterfactual: the least changes with which a stored decision would be milder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from risksentinel.errors import Rejected
from risksentinel.ports.decisions import Decisions, StoredDecision
from risksentinel.scoring.counterfactual import Change, least_changes
from risksentinel.scoring.replay import facts_of, model_of
from risksentinel.scoring.score import decide
from risksentinel.usecases.past_bases import PastBases

# One wording for every payment without an answer: it must not say whether a report is due.
NO_CHANGE: Final = "no single change was found with which the decision would be milder"


@dataclass(frozen=True, slots=True)
class ExplainCounterfactual:
    """Search over the real scoring, with the rules and the policy of then."""

    decisions: Decisions
    bases: PastBases

    def __call__(self, transaction_id: str) -> Mapping[str, Any]:
        """The receipt with the members `counterfactual` and `counterfactual_reason`.

        Raises:
            NotFound: there is no such decision.
        """
        decision = self.decisions.decision(transaction_id)
        changes = [_stated(change) for change in self._changes(decision)]
        return {
            **decision.receipt,
            "counterfactual": changes or None,
            "counterfactual_reason": None if changes else NO_CHANGE,
        }

    def _changes(self, decision: StoredDecision) -> Sequence[Change]:
        """The changes; none if the receipt cannot be computed again to the same decision."""
        receipt = decision.receipt
        try:
            basis = self.bases.of(receipt["basis"])
            rules = basis.rules_for(receipt)
            facts = facts_of(decision.transaction, receipt, rules, model_of(receipt))
            at = datetime.fromisoformat(receipt["scored_at"])
            if decide(facts, basis.policy, at).decision.value != receipt["decision"]:
                return ()
            return least_changes(facts, basis.policy, at)
        except (Rejected, KeyError, TypeError, ValueError):  # of an earlier release, or damaged
            return ()


def _stated(change: Change) -> dict[str, Any]:
    return {
        "of": change.of,
        "to": change.to,
        "decision": change.decision.value,
        "score": float(change.score),
        "in_words": change.words,
    }
