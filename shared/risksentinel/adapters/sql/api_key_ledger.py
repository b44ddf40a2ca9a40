"""SqlKeyLedger: transactions that change API keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, update

from risksentinel.adapters.sql.api_key_rows import KEYS, key_of, key_row
from risksentinel.adapters.sql.driver import writing_line
from risksentinel.adapters.sql.tables import api_keys
from risksentinel.adapters.sql.unit import SqlUnit
from risksentinel.domain.api_key import ApiKey
from risksentinel.errors import NotFound
from risksentinel.ports.ledger import AuditEntry


@dataclass(frozen=True, slots=True)
class SqlKeyUnit:
    """Meets `ports.KeyUnit`; `SqlKeyLedger.unit` opens and ends the transaction."""

    connection: Connection
    rest: SqlUnit

    def key(self, key_id: str) -> ApiKey:
        """The key, locked against other writers until the unit ends. Raises NotFound."""
        query = KEYS.where(api_keys.c.id == key_id).with_for_update()
        row = self.connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("there is no such key: see `risksentinel keys list`")
        return key_of(row)

    def named(self, name: str) -> Sequence[ApiKey]:
        """The keys of this name."""
        rows = self.connection.execute(KEYS.where(api_keys.c.name == name))
        return [key_of(row) for row in rows]

    def create(self, key: ApiKey) -> None:
        """Store a new key."""
        self.connection.execute(insert(api_keys).values(key_row(key)))

    def change(self, key: ApiKey) -> None:
        """Store when the key expires and when it was revoked."""
        ends = {"expires_at": key.expires_at, "revoked_at": key.revoked_at}
        self.connection.execute(update(api_keys).where(api_keys.c.id == key.id).values(ends))

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Store audit entries."""
        self.rest.audit(entries)


@dataclass(frozen=True, slots=True)
class SqlKeyLedger:
    """Meets `ports.KeyLedger` on SQLite and PostgreSQL."""

    engine: Engine

    @contextmanager
    def unit(self) -> Iterator[SqlKeyUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""
        with writing_line(self.engine) as line:
            unit = SqlKeyUnit(line.session, SqlUnit(line))
            yield unit
            unit.rest.commit()
