"""What the audit log has as the promoted version of a model."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.carried_entries import carry_entries
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.month import Month, Span
from risksentinel.adapters.sql.recorded_promotions import SqlRecordedPromotions
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.model_version import PROMOTED, ROLLED_BACK, Pointer
from risksentinel.errors import Rejected
from risksentinel.ports.ledger import AuditEntry
from tests.adapters.sql.samples import NOW

FIRST = Pointer(version="v1", manifest_sha256="1" * 64)
SECOND = Pointer(version="v2", manifest_sha256="2" * 64)


def _record(
    engine: Engine,
    action: str,
    pointer: Pointer,
    name: str = "payments",
    at: datetime = NOW,
    kind: str = "model",
) -> None:
    details: Mapping[str, object] = pointer.model_dump()
    with SqlLedger(engine).unit() as unit:
        unit.audit([AuditEntry(at, "operator:ann", action, kind, name, details)])


def test_the_last_promotion_is_the_recorded_one(engine: Engine) -> None:
    """A writer of the storage must not go back to an earlier version without an approval."""
    recorded = SqlRecordedPromotions(engine)
    _record(engine, PROMOTED, FIRST)
    recorded.require("payments", FIRST)

    _record(engine, PROMOTED, SECOND)

    recorded.require("payments", SECOND)
    with pytest.raises(Rejected, match="names version v1, and the audit log has version v2"):
        recorded.require("payments", FIRST)


def test_a_rollback_is_recorded_too(engine: Engine) -> None:
    """It changes the model that scores, as a promotion does."""
    _record(engine, PROMOTED, FIRST)
    _record(engine, PROMOTED, SECOND)
    _record(engine, ROLLED_BACK, FIRST)

    SqlRecordedPromotions(engine).require("payments", FIRST)


def test_the_manifest_counts_and_not_its_name(engine: Engine) -> None:
    """A version of the same name with other weights was not promoted."""
    _record(engine, PROMOTED, FIRST)
    forged = Pointer(version="v1", manifest_sha256="3" * 64)

    with pytest.raises(Rejected):
        SqlRecordedPromotions(engine).require("payments", forged)


@pytest.mark.parametrize(
    ("action", "name", "kind"),
    [
        ("model.published", "payments", "model"),
        (PROMOTED, "another", "model"),
        (PROMOTED, "payments", "rule"),
    ],
)
def test_other_entries_promote_nothing(engine: Engine, action: str, name: str, kind: str) -> None:
    """Publishing needs no approval."""
    _record(engine, action, FIRST, name, kind=kind)

    with pytest.raises(Rejected, match="the audit log has no version as promoted"):
        SqlRecordedPromotions(engine).require("payments", FIRST)


def test_a_promotion_outlives_the_month_of_its_entry(engine: Engine) -> None:
    """The retention of the audit log must take no model out of use."""
    month, later = Month.of(NOW), NOW + timedelta(days=100)
    _record(engine, PROMOTED, FIRST)
    _record(engine, PROMOTED, SECOND)
    span = Span("audit_log", f"audit_log_{month}", month.begin, month.after(1).begin)

    assert carry_entries(engine, span, later) == 1
    with writing(engine) as connection, unguarded(connection):
        connection.execute(delete(audit_log).where(audit_log.c.at < later))

    SqlRecordedPromotions(engine).require("payments", SECOND)
    with pytest.raises(Rejected):
        SqlRecordedPromotions(engine).require("payments", FIRST)
