"""SqlDecisions: stored decisions with their receipts, bases, and versions of rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, select, tuple_

from risksentinel.adapters.sql.engine import looking, reading
from risksentinel.adapters.sql.id_claims import SCORE_OF_ITS_PAYMENT, claimed, of_claimed
from risksentinel.adapters.sql.payment_rows import transaction_of
from risksentinel.adapters.sql.receipts import RECEIPT, receipt_of
from risksentinel.adapters.sql.rule_rows import parsed_rule
from risksentinel.adapters.sql.tables import (
    decision_bases,
    fraud_rule_versions,
    risk_scores,
    transactions,
)
from risksentinel.errors import NotFound
from risksentinel.ports.decisions import StoredDecision
from risksentinel.rules.rule import StoredRule
from risksentinel.text import rfc3339

AT_ONCE: Final = 500  # decisions in one query
_SCORES: Final = risk_scores.c
_ORDER: Final = (_SCORES.scored_at, _SCORES.transaction_id)
_DECIDED: Final = select(
    transactions,
    _SCORES.score,
    _SCORES.risk_level.label("level"),
    _SCORES.decision,
    _SCORES.reasons,
    _SCORES.scored_at,
    *RECEIPT,
).join(risk_scores, SCORE_OF_ITS_PAYMENT)


@dataclass(frozen=True, slots=True)
class SqlDecisions:
    """Meets `ports.Decisions` on SQLite and PostgreSQL."""

    engine: Engine

    def decision(self, transaction_id: str) -> StoredDecision:
        """The decision on a payment. Raises NotFound, also while the payment waits for it."""
        payment = transactions.c
        with looking(self.engine) as connection:
            claims = claimed(connection, [transaction_id])
            if claims:
                there = of_claimed(connection, payment.id, payment.received_at, claims)
                row = connection.execute(_DECIDED.where(*there)).one_or_none()
                if row is not None:
                    return _decision_of(row)
        raise NotFound("there is no decision on such a payment")

    def since(self, since: datetime) -> Iterator[StoredDecision]:
        """Every decision from this moment on, in the order of scoring."""
        query = _DECIDED.where(_SCORES.scored_at >= since)
        while True:
            with reading(self.engine) as connection:
                rows = connection.execute(query.order_by(*_ORDER).limit(AT_ONCE)).all()
            yield from map(_decision_of, rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1]
            after = tuple_(*_ORDER) > tuple_(last.scored_at, last.id)
            query = _DECIDED.where(_SCORES.scored_at >= last.scored_at, after)

    def basis(self, digest: str) -> Mapping[str, Any]:
        """The document of a basis. Raises NotFound."""
        query = select(decision_bases.c.document).where(decision_bases.c.digest == digest)
        with reading(self.engine) as connection:
            document: Mapping[str, Any] | None = connection.execute(query).scalar()
        if document is None:
            raise NotFound(f"the basis {digest} is not stored")
        return document

    def rule(self, rule_id: str, version: int) -> StoredRule:
        """A version of a rule. Raises NotFound."""
        versions = fraud_rule_versions.c
        query = select(fraud_rule_versions).where(
            versions.rule_id == rule_id, versions.version == version
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound(f"version {version} of rule {rule_id} is not stored")
        return parsed_rule(
            row.document, rule_id=rule_id, version=version, created_at=row.at, updated_at=row.at
        )


def _decision_of(row: Row[Any]) -> StoredDecision:
    return StoredDecision(
        transaction_of(row),
        receipt_of(row),
        {
            "score": str(row.score),
            "risk_level": row.level,
            "decision": row.decision,
            "reasons": row.reasons,
            "scored_at": rfc3339.to_text(row.scored_at),
        },
    )
