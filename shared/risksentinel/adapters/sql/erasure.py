"""SqlErasure: replaces an account in everything that is stored, and destroys its keys."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, delete, or_, select, update

from risksentinel.adapters.sql.commitments import commitment, new_keys
from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.packed_receipt import pack
from risksentinel.adapters.sql.receipts import receipt_of
from risksentinel.adapters.sql.tables import (
    account_keys,
    alerts,
    dead_letters,
    outbox,
    revisions,
    risk_scores,
    shadow_decisions,
    statutory_reports,
    transactions,
)
from risksentinel.adapters.sql.verdict_values import stored_verdicts, verdict_values
from risksentinel.domain.named_list import fold

AT_ONCE: Final = 200  # payments of one transaction
_PARTIES: Final = ("sender_id", "receiver_id")


@dataclass(frozen=True, slots=True)
class SqlErasure:
    """Meets `ports.Erasure` on SQLite and PostgreSQL, as the owner of the tables."""

    engine: Engine

    def reported_since(self, account: str, since: datetime) -> Sequence[str]:
        """The payments of the account with a statutory report from then on."""
        query = select(statutory_reports.c.transaction_id).where(
            _has_party(statutory_reports, account), statutory_reports.c.created_at >= since
        )
        with reading(self.engine) as connection:
            return sorted(set(connection.execute(query).scalars()))

    def payments(self, account: str) -> Sequence[str]:
        """The payments that the account sent or received."""
        query = select(transactions.c.id).where(_has_party(transactions, account))
        with reading(self.engine) as connection:
            return sorted(connection.execute(query).scalars())

    def replace(
        self, connection: Connection, payments: Sequence[str], account: str, new: str
    ) -> Mapping[str, str]:
        """Replace the account in these payments; answers the new commitments of their verdicts."""
        names = {account: new, **self._devices(connection, payments, account, new)}
        for table, key in (
            (transactions, transactions.c.id),
            (alerts, alerts.c.transaction_id),
            (statutory_reports, statutory_reports.c.transaction_id),
        ):
            columns = [*_PARTIES, *(["device_id"] if table is transactions else [])]
            for column in columns:
                for old, replaced in names.items():
                    change = update(table).where(key.in_(payments), table.c[column] == old)
                    connection.execute(change.values({column: replaced}))
        self._rewrite_reasons(connection, payments, names)
        return dict(self._receipts(connection, payments, names))

    def replace_elsewhere(self, connection: Connection, account: str, new: str) -> int:
        """Replace the account in waiting and dead events; destroy its key. Answers the number."""
        count = 0
        for table in (outbox, dead_letters):
            key = next(iter(table.primary_key))
            for row in connection.execute(select(key, table.c.event)).all():
                event = replaced(row.event, {account: new})
                if event != row.event:
                    change = update(table).where(key == row[0]).values(event=event)
                    count += connection.execute(change).rowcount
        queue = update(outbox).where(outbox.c.key == account).values(key=new)
        connection.execute(queue)
        connection.execute(delete(account_keys).where(account_keys.c.value == fold(account)))
        return count

    def _devices(
        self, connection: Connection, payments: Sequence[str], account: str, new: str
    ) -> dict[str, str]:
        sent = transactions.c.id.in_(payments), transactions.c.sender_id == account
        query = select(transactions.c.device_id).distinct().where(*sent)
        devices = connection.execute(query).scalars().all()
        return {device: new for device in devices if device is not None}

    def _rewrite_reasons(
        self, connection: Connection, payments: Sequence[str], names: Mapping[str, str]
    ) -> None:
        for table in (alerts, risk_scores, shadow_decisions, revisions):
            keys = list(table.primary_key)
            query = select(table.c.reasons, *keys).where(table.c.transaction_id.in_(payments))
            for row in connection.execute(query).all():
                reasons = replaced(row.reasons, names)
                if reasons != row.reasons:
                    mine = (key == value for key, value in zip(keys, row[1:], strict=True))
                    connection.execute(update(table).where(*mine).values(reasons=reasons))

    def _receipts(
        self, connection: Connection, payments: Sequence[str], names: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        """Rewrite the receipts under new keys: the old commitments cannot be opened any more."""
        score = risk_scores.c
        query = select(score.transaction_id, score.received_at, score.receipt, score.explanation)
        found: Sequence[Any] = connection.execute(
            query.where(score.transaction_id.in_(payments))
        ).all()
        for row in found:
            (key,) = new_keys(1)
            values = {
                "receipt": pack(replaced(receipt_of(row), names)),
                "explanation": {},
                "commitment_key": key,
            }
            mine = score.transaction_id == row.transaction_id, score.received_at == row.received_at
            connection.execute(update(risk_scores).where(*mine).values(**values))
        for stored in stored_verdicts(connection, payments):
            of_score, payment, kept, receipt = verdict_values(stored)
            yield payment[0], commitment(kept or b"", of_score, payment, receipt)


def replaced(value: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON
    """The JSON with each name replaced, also within longer texts."""
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, Mapping):
        return {replaced(key, names): replaced(each, names) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [replaced(each, names) for each in value]
    return value


def _has_party(table: Table, account: str) -> Any:  # noqa: ANN401 - SQLAlchemy's
    return or_(*(table.c[column] == account for column in _PARTIES))
