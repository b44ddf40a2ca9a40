"""Shared by the tests of proposals: decisions, and the audit log."""

from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.assembly.container import Container
from tests.functions.caller import PROPOSALS, said


def decided(api: Client, proposal: dict[str, Any], how: str, reason: str = "") -> TestResponse:
    """Approve, refuse or withdraw the proposal."""
    return api.post(f"{PROPOSALS}{proposal['id']}/{how}", json={"reason": reason})


def approved(api: Client, proposal: dict[str, Any]) -> dict[str, Any]:
    """The proposal after its approval."""
    return said(decided(api, proposal, "approve"))


def audited(container: Container) -> list[tuple[str, str, dict[str, Any]]]:
    """The audit entries without those of keys: actor, action and details, in order."""
    query = select(audit_log).order_by(audit_log.c.id)
    with reading(container.engine) as connection:
        rows = connection.execute(query).all()
    return [
        (row.actor, row.action, row.details) for row in rows if not row.action.startswith("key.")
    ]
