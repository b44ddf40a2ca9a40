"""Writes rules for the tests of the rule book, and takes the database away."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, event, update

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rules,
)
from risksentinel.errors import Unavailable
from risksentinel.ports.ledger import AuditEntry
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import Rule
from tests.adapters.sql.samples import NOW


@dataclass(slots=True)
class Watch:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time that was set."""
        return self.now


def write(engine: Engine, written: Rule) -> None:
    """Write a rule with its audit entry, as the use case does."""
    document = document_of(written)
    entry = AuditEntry(
        at=written.updated_at,
        actor="thandi",
        action="rule.created",
        subject_kind="rule",
        subject_id=written.id,
        details={"version": written.version, "document": document},
    )
    with SqlLedger(engine).unit() as unit:
        unit.write_rule(written)
        unit.audit([entry])


def replace_document(engine: Engine, rule_id: str, document: object) -> None:
    """Put another document into a rule's row and into its audit entry."""
    row = update(fraud_rules).where(fraud_rules.c.id == rule_id)
    entry = update(audit_log).where(audit_log.c.subject_id == rule_id)
    with writing(engine) as connection, unguarded(connection):
        connection.execute(row.values(document=document))
        connection.execute(entry.values(details={"version": 1, "document": document}))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The queries that are made inside."""
    queries: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            queries.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield queries
    event.remove(engine, "before_cursor_execute", count)


@contextmanager
def away(engine: Engine) -> Iterator[None]:
    """The database does not answer inside."""

    def refuse(*_: object) -> None:
        raise Unavailable("database")

    event.listen(engine, "before_cursor_execute", refuse)
    yield
    event.remove(engine, "before_cursor_execute", refuse)
