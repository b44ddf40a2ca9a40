"""DecidePast: what a policy says about past payments, by the code that decides live payments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from risksentinel.domain.history import Snapshot
from risksentinel.domain.verdict import Decision
from risksentinel.scoring.partitions.past_events import PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.receipt import Decided
from risksentinel.scoring.score import decide, raises_alert
from risksentinel.usecases.gather_facts import Scoring


@dataclass(frozen=True, slots=True)
class DecidePast:
    """Meets `partitions.senders.Decide`: no receipt is made, all else is as for a new payment."""

    scoring: Scoring

    def __call__(self, asked: Sequence[tuple[PastPayment, Snapshot]]) -> list[PastOutcome]:
        """Return the outcome of each payment after the recorded history of its accounts."""
        histories = [snapshot for _, snapshot in asked]
        facts, policy = self.scoring.facts_after([past.payment for past, _ in asked], histories)
        never_late = replace(policy, max_lateness_seconds=None)
        found = []
        for (past, _), known in zip(asked, facts, strict=True):
            of_payment = never_late if past.never_late else policy
            decided = decide(known, of_payment, past.at)
            found.append(_outcome(decided, alert=raises_alert(decided, of_payment)))
        return found


def _outcome(decided: Decided, *, alert: bool) -> PastOutcome:
    fired = decided.fusion.opinions["rules"].details.get("fired", ())
    approved = decided.decision is Decision.APPROVE
    return PastOutcome(
        decision=decided.decision,
        score=int(decided.total.scaleb(4)),
        alert=alert,
        rules=tuple(rule["rule"].rpartition("@")[0] for rule in fired),
        escalations=tuple(each.name for each in decided.escalations),
        reasons=() if approved else decided.reasons,
    )
