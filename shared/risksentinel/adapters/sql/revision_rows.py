"""revision_row, revision_of: a revision as a row, and back; revise: what came of it."""

from typing import Any

from sqlalchemy import Connection, Row, update

from risksentinel.adapters.sql.tables import revisions
from risksentinel.domain.revision import Revision, RevisionState
from risksentinel.domain.shadowed import Outcome
from risksentinel.domain.verdict import Decision


def revision_row(each: Revision) -> dict[str, Any]:
    """Every column of `revisions`."""
    second = each.second
    return {
        "transaction_id": each.transaction_id,
        "decided_without": list(each.decided_without),
        "scored_at": each.scored_at,
        "late": each.late,
        "state": each.state.value,
        "first_decision": each.first.decision.value,
        "first_score": each.first.score,
        "first_alert": each.first.alert,
        "second_decision": None if second is None else second.decision.value,
        "second_score": None if second is None else second.score,
        "second_alert": None if second is None else second.alert,
        "reasons": list(each.reasons),
        "looked_at": each.looked_at,
    }


def revision_of(row: Row[Any]) -> Revision:
    """The revision in a row that has the columns of `revisions`."""
    second = None
    if row.second_decision is not None:
        second = Outcome(Decision(row.second_decision), row.second_score, bool(row.second_alert))
    return Revision(
        transaction_id=row.transaction_id,
        decided_without=tuple(row.decided_without),
        scored_at=row.scored_at,
        late=bool(row.late),
        first=Outcome(Decision(row.first_decision), row.first_score, bool(row.first_alert)),
        state=RevisionState(row.state),
        second=second,
        reasons=tuple(row.reasons),
        looked_at=row.looked_at,
    )


def revise(connection: Connection, revision: Revision) -> bool:
    """Store what came of a payment that waits; False where another unit has stored it."""
    row = revision_row(revision)
    change = (
        update(revisions)
        .where(
            revisions.c.transaction_id == row.pop("transaction_id"),
            revisions.c.state == RevisionState.WAITING.value,
        )
        .values(row)
    )
    return connection.execute(change).rowcount == 1
