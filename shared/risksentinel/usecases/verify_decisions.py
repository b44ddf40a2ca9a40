"""VerifyDecisions: computes decisions again from their receipts, and states every difference."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from risksentinel.domain.erased_account import is_erased
from risksentinel.domain.signal import Opinion, Silent
from risksentinel.domain.verdict import Verdict
from risksentinel.errors import NotFound, Rejected
from risksentinel.ports.decisions import Decisions, NotVerifiable, PastModels, StoredDecision
from risksentinel.scoring.differences import Difference, differences
from risksentinel.scoring.replay import facts_of, model_of
from risksentinel.scoring.score import score
from risksentinel.text import rfc3339
from risksentinel.usecases.past_bases import PastBases

Receipt = Mapping[str, Any]
AsJson = Callable[[Receipt], Receipt]  # what a receipt is after it was stored
_ERASED: Final = "an account of the payment was erased"
_NO_INPUTS: Final = "the receipt is of an earlier release, which did not store its inputs"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result for one decision: equal if there are neither differences nor a reason."""

    transaction_id: str
    differences: Sequence[Difference] = ()
    not_verifiable: str | None = None  # the reason

    @property
    def is_equal(self) -> bool:
        """Whether the decision was computed again and is equal to the last digit."""
        return not self.differences and self.not_verifiable is None


@dataclass(frozen=True, slots=True)
class VerifyDecisions:
    """Compute decisions again with the rules, the policy and the model of then."""

    decisions: Decisions
    models: PastModels
    bases: PastBases
    as_json: AsJson

    def one(self, transaction_id: str) -> Verification:
        """Verify the decision on a payment. Raises NotFound."""
        return self.verify(self.decisions.decision(transaction_id))

    def since(self, since: datetime) -> Iterator[Verification]:
        """Verify every decision from this moment on."""
        return map(self.verify, self.decisions.since(since))

    def verify(self, decision: StoredDecision) -> Verification:
        """Verify a stored decision."""
        payment, receipt = decision.transaction.id, decision.receipt
        if is_erased(decision.transaction.sender_id) or is_erased(decision.transaction.receiver_id):
            return Verification(payment, not_verifiable=_ERASED)
        if "inputs" not in receipt or "basis" not in receipt:
            return Verification(payment, not_verifiable=_NO_INPUTS)
        try:
            computed = self.computed(decision)
        except (NotFound, NotVerifiable) as missing:
            return Verification(payment, not_verifiable=str(missing))
        except Rejected as unusable:
            return Verification(payment, [Difference("inputs", str(unusable), None)])
        except (KeyError, TypeError, ValueError, AttributeError) as damaged:
            told = f"is not what a score writes: {type(damaged).__name__} {damaged}"
            return Verification(payment, [Difference("the receipt", told, None)])
        again = self.as_json(computed.explanation)
        found = [*differences(receipt, again), *differences(decision.row, _row(computed), "row")]
        return Verification(payment, found)

    def computed(self, decision: StoredDecision) -> Verdict:
        """Score the payment again.

        Raises:
            NotFound, NotVerifiable: the basis, a version of a rule or the model is not there.
            Rejected: the receipt lacks an input, or names another rule or model.
            KeyError, TypeError, ValueError: the receipt is damaged.
        """
        receipt = decision.receipt
        basis = self.bases.of(receipt["basis"])
        rules, model = basis.rules_for(receipt), self._opinion(receipt)
        facts = facts_of(decision.transaction, receipt, rules, model)
        verdict = score(facts, basis.policy, datetime.fromisoformat(receipt["scored_at"]))
        return verdict.learnt() if receipt.get("learn_only") else verdict

    def _opinion(self, receipt: Receipt) -> Opinion:
        stated = model_of(receipt)
        features, model = stated.details.get("features"), stated.details.get("model")
        if isinstance(stated, Silent):
            return stated
        if features is None or model is None:
            raise NotVerifiable("the receipt has no features of its model")
        return self.models.opinion(model, features)


def _row(verdict: Verdict) -> Mapping[str, Any]:
    """What the database stores beside the receipt."""
    return {
        "score": str(verdict.score),
        "risk_level": verdict.risk_level.value,
        "decision": verdict.decision.value,
        "reasons": list(verdict.reasons),
        "scored_at": rfc3339.to_text(verdict.scored_at.astimezone(UTC)),
    }
