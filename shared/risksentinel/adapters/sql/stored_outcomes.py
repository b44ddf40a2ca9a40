"""SqlStoredOutcomes: what the engine decided of past payments, from their receipts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine

from risksentinel.adapters.sql.past_payments import receipts_of
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.rules_fired import rules_fired


@dataclass(frozen=True, slots=True)
class SqlStoredOutcomes:
    """Reads outcomes; no policy decides, and the history of the accounts is not needed."""

    engine: Engine

    def __call__(self, window: Sequence[PastEvent]) -> list[tuple[PastPayment, PastOutcome]]:
        """Return the stored outcomes of the payments of a window that have no given decision.

        Raises:
            Malformed: a receipt is missing: the payment was deleted meanwhile.
        """
        asked = [each for each in window if isinstance(each, PastPayment) and each.given is None]
        ids = [past.payment.id for past in asked]
        receipts = receipts_of(self.engine, ids, asked[-1].at) if asked else {}
        missing = [name for name in ids if name not in receipts]
        if missing:
            raise Malformed(f"{len(missing)} payments were deleted meanwhile: begin again")
        return [(past, _outcome(receipts[past.payment.id])) for past in asked]


def _outcome(receipt: Mapping[str, Any]) -> PastOutcome:
    decision = Decision(receipt["decision"])
    score, threshold = receipt["score"], receipt["thresholds"]["alert"]
    return PastOutcome(
        decision=decision,
        score=int(Decimal(str(score)).scaleb(4)),
        alert=receipt.get("approved_by") is None and score >= threshold,
        rules=rules_fired(receipt),
        escalations=tuple(each["name"] for each in receipt.get("escalations", ())),
        reasons=() if decision is Decision.APPROVE else tuple(receipt["reasons"]),
    )
