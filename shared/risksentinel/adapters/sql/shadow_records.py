"""SqlShadowRecords: the decisions of a version in shadow beside those in force."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, func, or_, select

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.label_rows import labels_by_payment
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.tables import labels, shadow_decisions, transactions
from risksentinel.domain.label import Finding
from risksentinel.domain.reviewed import Reviewed
from risksentinel.domain.shadowed import Comparison, Outcome, OutcomeCount, ShadowExample
from risksentinel.domain.verdict import Decision

MAX_LABELLED: Final = 5_000  # payments with labels that are decided differently
MAX_EXAMPLES: Final = 20
_ROW: Final = shadow_decisions.c
_OUTCOMES: Final = (_ROW.live_decision, _ROW.live_alert, _ROW.decision, _ROW.alert)
_DIFFERS: Final = or_(_ROW.live_alert != _ROW.alert, _ROW.live_decision != _ROW.decision)


@dataclass(frozen=True, slots=True)
class SqlShadowRecords:
    """Meets `ports.ShadowRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def comparison(self, version: int) -> Comparison:
        """The newest time in shadow of the version, beside the decisions in force."""
        newest = select(func.max(_ROW.revision)).where(_ROW.version == version)
        with reading(self.engine) as connection:
            revision = connection.execute(newest).scalar_one()
            mine = (_ROW.version == version, _ROW.revision == revision)
            sums = (func.count().label("payments"), func.sum(_ROW.amount_zar).label("amount"))
            counted = connection.execute(
                select(*_OUTCOMES, *sums).where(*mine).group_by(*_OUTCOMES).order_by(*_OUTCOMES)
            ).all()
            times = select(func.min(_ROW.scored_at), func.max(_ROW.scored_at)).where(*mine)
            since, until = connection.execute(times).one()
            differing = select(shadow_decisions).where(*mine, _DIFFERS)
            newest_first = differing.order_by(_ROW.scored_at.desc(), _ROW.transaction_id)
            examples = connection.execute(newest_first.limit(MAX_EXAMPLES)).all()
            labelled = connection.execute(
                newest_first.where(_ROW.transaction_id.in_(select(labels.c.transaction_id))).limit(
                    MAX_LABELLED + 1
                )
            ).all()
            found = [*labelled[:MAX_LABELLED], *examples]
            fraud = _fraud(connection, sorted({row.transaction_id for row in found}))
        return Comparison(
            since=since,
            until=until,
            counts=tuple(_count(row) for row in counted),
            **_by_labels(labelled[:MAX_LABELLED], fraud),
            complete=len(labelled) <= MAX_LABELLED,
            examples=tuple(_example(row, fraud.get(row.transaction_id)) for row in examples),
        )


def _by_labels(rows: Sequence[Row[Any]], fraud: Mapping[str, bool]) -> dict[str, int]:
    counts = Counter(
        (fraud[row.transaction_id], row.alert)
        for row in rows
        if row.transaction_id in fraud and row.alert != row.live_alert
    )
    return {
        "caught": counts[True, True],
        "missed": counts[True, False],
        "hit": counts[False, True],
        "spared": counts[False, False],
    }


def _fraud(connection: Connection, ids: Sequence[str]) -> dict[str, bool]:
    """Whether the payments are fraud by their effective labels; those without are left out."""
    said = labels_by_payment(connection, ids)
    found: dict[str, bool] = {}
    for some in chunks(sorted(said)):
        for row in connection.execute(select(transactions).where(transactions.c.id.in_(some))):
            standing = Reviewed(transaction_of(row), said[row.id]).standing
            if standing is not None:
                found[row.id] = standing.finding is Finding.FRAUD
    return found


def _count(row: Row[Any]) -> OutcomeCount:
    return OutcomeCount(
        Decision(row.live_decision),
        bool(row.live_alert),
        Decision(row.decision),
        bool(row.alert),
        row.payments,
        row.amount,
    )


def _example(row: Row[Any], fraud: bool | None) -> ShadowExample:  # noqa: FBT001 - three values
    return ShadowExample(
        transaction_id=row.transaction_id,
        amount=row.amount_zar,
        live=Outcome(Decision(row.live_decision), row.live_score, row.live_alert),
        shadow=Outcome(Decision(row.decision), row.score, row.alert),
        reasons=tuple(row.reasons),
        scored_at=row.scored_at,
        fraud=fraud,
    )
