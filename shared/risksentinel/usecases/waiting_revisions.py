"""waiting_revision: a payment that was decided without a source, for a second look."""

from risksentinel.domain.revision import Revision
from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.verdict import Scored


def is_incomplete(pair: Scored) -> bool:
    """Whether a source was absent; imported history is not looked at again."""
    return "decided_without" in pair.verdict.explanation and not pair.verdict.learn_only


def waiting_revision(pair: Scored) -> Revision:
    """The revision of an incomplete payment, which waits."""
    verdict = pair.verdict
    return Revision(
        transaction_id=pair.transaction.id,
        decided_without=tuple(verdict.explanation["decided_without"]),
        scored_at=verdict.scored_at,
        first=Outcome(verdict.decision, verdict.score, verdict.alert),
    )
