"""audited: an operator's act becomes an entry of the ledger."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.system_clock import now
from risksentinel.cli.operator import operator
from risksentinel.ports.ledger import AuditEntry


def audited(
    engine: Engine, action: str, kind: str, subject: str, details: Mapping[str, Any]
) -> None:
    """Write the entry. A command that reads or deletes calls it before, so that no act escapes."""
    with SqlLedger(engine).unit() as unit:
        unit.audit([AuditEntry(now(), operator(), action, kind, subject, details)])
